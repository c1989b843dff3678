"""Where the steps stand when a plan is drawn, and what is drawn."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from eap.format.document import Document
from eap.format.drawing import Shown, draw
from eap.format.layout import BOX_HEIGHT, BOX_WIDTH, Layout, lay_out
from eap.format.order import circle, in_order
from tests.eap.format.texts import document

SPRITE = "/static/icons.svg"


def plan(needs: Sequence[Sequence[int]], *, lanes: bool = False) -> Document:
    """Return a plan whose step `n` needs those of `needs[n]`."""
    lines = (
        f"- {{id: s{n}, kind: manual, title: Step {n}, role: ops, needs: [{', '.join(f's{m}' for m in each)}]"
        f"{', lane: web' if lanes and n % 2 else ''}}}"
        for n, each in enumerate(needs)
    )
    return document("\n".join(lines))


def tangle(steps: int, seed: int) -> list[list[int]]:
    dice = random.Random(seed)  # noqa: S311
    return [
        sorted({n - dice.randint(1, min(n, 9)) for _ in range(dice.randint(1, 3))} if n else set())
        for n in range(steps)
    ]


def overlaps(layout: Layout) -> list[tuple[str, str]]:
    boxes = layout.boxes
    return [
        (one.step.id, other.step.id)
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if abs(one.x - other.x) < BOX_WIDTH and abs(one.y - other.y) < BOX_HEIGHT
    ]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("lanes", [False, True])
def test_no_boxes_overlap_and_all_lie_inside(seed: int, lanes: bool) -> None:
    layout = lay_out(plan(tangle(60, seed), lanes=lanes))
    assert overlaps(layout) == []
    assert all(0 <= box.x <= layout.width - BOX_WIDTH for box in layout.boxes)
    assert all(0 <= box.y <= layout.height - BOX_HEIGHT for box in layout.boxes)


def test_no_line_runs_through_a_box() -> None:
    layout = lay_out(plan(tangle(60, 1)))
    for line in layout.lines:
        for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
            if x != to_x:
                # Between two layers: below the boxes of one, above those of the next.
                assert not any(box.y < to_y and box.y + BOX_HEIGHT > y for box in layout.boxes)
            else:
                assert not any(
                    box.x < x < box.x + BOX_WIDTH and box.y < to_y and box.y + BOX_HEIGHT > y for box in layout.boxes
                )


def test_every_need_is_a_line_downward() -> None:
    needs = tangle(40, 2)
    layout = lay_out(plan(needs))
    assert {(line.start, line.end) for line in layout.lines} == {
        (f"s{m}", f"s{n}") for n, each in enumerate(needs) for m in each
    }
    assert all(line.points[0][1] < line.points[-1][1] for line in layout.lines)


def test_lanes_are_columns_beside_each_other() -> None:
    layout = lay_out(plan([[], [0], [1], [2]], lanes=True))
    shared, web = layout.bands
    assert (shared.title, web.title) == ("", "Web")
    for box in layout.boxes:
        band = web if box.step.lane else shared
        assert band.x <= box.x <= band.x + band.width - BOX_WIDTH


def test_a_plain_list_fits_a_phone() -> None:
    assert lay_out(plan([[], [0], [1], [2], [3]])).width <= 358


def test_the_same_plan_is_always_drawn_alike() -> None:
    assert lay_out(plan(tangle(80, 4))) == lay_out(plan(tangle(80, 4)))


def test_five_hundred_steps_are_drawn_at_once() -> None:
    big = plan(tangle(500, 5), lanes=True)
    began = time.process_time()
    drawn = draw(big, sprite=SPRITE)
    assert time.process_time() - began < 0.3
    assert drawn.count("<rect") >= 500
    assert overlaps(lay_out(big)) == []


def test_what_is_drawn_is_an_image_with_a_name_that_holds_nothing_to_focus() -> None:
    steps = """
    - {id: look, kind: manual, title: 'Look at <b>"x"</b>', role: ops}
    - {id: wipe, kind: manual, title: Wipe, role: ops, needs: [look], point_of_no_return: true, when: run.drill}
    """
    drawn = draw(document(steps), sprite=SPRITE, states={"look": Shown("ok", "check", "Done")})
    root = ElementTree.fromstring(drawn)  # noqa: S314
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "graph-title graph-said"
    assert "<b>" not in drawn
    look, wipe = (element for element in root if element.tag == "g")
    assert look.get("data-step") == "look"
    assert look.get("class") == "box ok"
    assert "".join(look.itertext()).count("Done") == 2
    assert wipe.get("class") == "box maybe grave"
    assert 'style="' not in drawn
    assert "<a" not in drawn


def test_steps_of_a_circle_are_drawn_and_not_lost() -> None:
    whole = plan([[], [0], [1]])
    round_ = whole.model_copy(
        update={
            "steps": tuple(
                step.model_copy(update={"needs": ("s2",)}) if step.id == "s0" else step for step in whole.steps
            )
        }
    )
    assert circle(round_.steps) == ["s0", "s2", "s1"]
    assert sorted(in_order(round_.steps)) == ["s0", "s1", "s2"]
    assert overlaps(lay_out(round_)) == []
