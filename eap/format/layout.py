"""Where each step of a plan stands when it is drawn: in layers from top to bottom, lanes side by side.

A small version of what Sugiyama, Tagawa and Toda describe (1981): the longest way from the start gives the layer, a few
sweeps over the middles of neighbours give the order inside it, and a needed step further up is reached through empty
places, so that lines run around boxes and never through them. The same document always gives the same places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from eap.format.document import Document, Step
from eap.format.order import in_order

BOX_WIDTH: Final = 216
BOX_HEIGHT: Final = 64
GAP_X: Final = 24
GAP_Y: Final = 44
MARGIN: Final = 16
LANE_HEAD: Final = 30
BEND_WIDTH: Final = 12
"""Width of the empty place through which a long line runs."""
SWEEPS: Final = 4


@dataclass(frozen=True)
class Box:
    """A step's place: its upper left corner, in the drawing's units."""

    step: Step
    number: int
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """From a needed step to the one that needs it, through these points."""

    start: str
    end: str
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Band:
    """A lane: a column of its own, with its title above."""

    key: str
    title: str
    x: int
    width: int


@dataclass(frozen=True)
class Layout:
    """The whole drawing."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]


@dataclass
class _Place:
    """A place in a layer: a step, or the empty place that a line runs through."""

    step: str
    layer: int
    lane: int
    order: float = 0.0
    x: int = 0

    @property
    def width(self) -> int:
        return BOX_WIDTH if self.step else BEND_WIDTH


def lay_out(document: Document) -> Layout:
    """Return where everything stands. No two boxes overlap; lanes are columns in the order the plan gives them."""
    drawing = _Drawing(document)
    drawing.order_layers()
    return drawing.place()


class _Drawing:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.steps = {step.id: step for step in document.steps}
        self.numbers = {step.id: number for number, step in enumerate(document.steps, start=1)}
        lanes = [key for key in document.lanes if any(step.lane == key for step in document.steps)]
        shared = any(step.lane not in document.lanes for step in document.steps)
        self.lanes: list[str] = ([""] if shared or not lanes else []) + lanes
        self.layer_of = self._layers()
        self.places = {identity: self._place_of(identity) for identity in self.layer_of}
        self.ways: dict[tuple[str, str], list[_Place]] = {}
        self.layers: list[list[_Place]] = [[] for _ in range(max(self.layer_of.values(), default=0) + 1)]
        for step in document.steps:
            self.layers[self.layer_of[step.id]].append(self.places[step.id])
        for step in document.steps:
            for need in dict.fromkeys(step.needs):
                if need in self.steps and self.layer_of[need] < self.layer_of[step.id]:
                    self.ways[(need, step.id)] = self._way(need, step.id)

    def _layers(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for identity in in_order(self.document.steps):
            needs = [need for need in self.steps[identity].needs if need in found]
            found[identity] = max((found[need] + 1 for need in needs), default=0)
        return found

    def _place_of(self, identity: str) -> _Place:
        lane = self.steps[identity].lane
        return _Place(identity, self.layer_of[identity], self.lanes.index(lane) if lane in self.lanes else 0)

    def _way(self, start: str, end: str) -> list[_Place]:
        """Return the places a line runs through; an empty one in each layer between, in the lane it comes from."""
        lane = self.places[start].lane
        between = [_Place("", layer, lane) for layer in range(self.layer_of[start] + 1, self.layer_of[end])]
        for place in between:
            self.layers[place.layer].append(place)
        return [self.places[start], *between, self.places[end]]

    def order_layers(self) -> None:
        """Give each place its order inside its layer and lane: near the middle of what it is tied to."""
        above: dict[int, list[_Place]] = {}
        below: dict[int, list[_Place]] = {}
        for way in self.ways.values():
            for upper, lower in pairwise(way):
                above.setdefault(id(lower), []).append(upper)
                below.setdefault(id(upper), []).append(lower)
        for layer in self.layers:
            _number(layer)
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            for layer in self.layers if down else reversed(self.layers):
                for place in layer:
                    tied = (above if down else below).get(id(place), [])
                    if tied:
                        place.order = sum(other.order for other in tied) / len(tied)
                # Sorting keeps what is level in its present order, which began as the written one.
                layer.sort(key=lambda place: (place.lane, place.order))
                _number(layer)

    def place(self) -> Layout:
        """Turn orders into points."""
        widths = [self._lane_width(lane) for lane in range(len(self.lanes))]
        lefts, left = [], MARGIN
        for width in widths:
            lefts.append(left)
            left += width + GAP_X
        for layer in self.layers:
            for lane in range(len(self.lanes)):
                row = [place for place in layer if place.lane == lane]
                x = lefts[lane] + (widths[lane] - _row_width(row)) // 2
                for place in row:
                    place.x = x
                    x += place.width + GAP_X
        top = MARGIN + (LANE_HEAD if self._titled() else 0)
        height = top + len(self.layers) * (BOX_HEIGHT + GAP_Y) - GAP_Y + MARGIN
        return Layout(
            width=left - GAP_X + MARGIN,
            height=height,
            boxes=tuple(
                Box(step, self.numbers[step.id], self.places[step.id].x, _top(self.places[step.id], top))
                for step in self.document.steps
            ),
            lines=tuple(Line(*ends, _points(way, top)) for ends, way in self.ways.items()),
            bands=self._bands(lefts, widths),
        )

    def _lane_width(self, lane: int) -> int:
        rows = ([place for place in layer if place.lane == lane] for layer in self.layers)
        return max(max((_row_width(row) for row in rows), default=0), BOX_WIDTH)

    def _titled(self) -> bool:
        return any(self.lanes)

    def _bands(self, lefts: Sequence[int], widths: Sequence[int]) -> tuple[Band, ...]:
        if not self._titled():
            return ()
        titles = {key: lane.title for key, lane in self.document.lanes.items()}
        return tuple(
            Band(key, titles.get(key, ""), x, width) for key, x, width in zip(self.lanes, lefts, widths, strict=True)
        )


def _number(layer: list[_Place]) -> None:
    for order, place in enumerate(layer):
        place.order = float(order)


def _row_width(row: Sequence[_Place]) -> int:
    return sum(place.width for place in row) + GAP_X * max(len(row) - 1, 0)


def _top(place: _Place, top: int) -> int:
    return top + place.layer * (BOX_HEIGHT + GAP_Y)


def _points(way: Sequence[_Place], top: int) -> tuple[tuple[int, int], ...]:
    """Return a line's points: out below the first box, straight down through empty places, in above the last."""
    points = []
    for number, place in enumerate(way):
        middle = place.x + place.width // 2
        upper = _top(place, top)
        if number > 0:
            points.append((middle, upper))
        if number < len(way) - 1:
            points.append((middle, upper + BOX_HEIGHT))
    return tuple(points)
