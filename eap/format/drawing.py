"""A plan as a picture: SVG from its layout, coloured by classes only, so that it follows light, dark and paper.

The picture is one image with a title and a description; what it says stands beside it as a list.
A box leads to its entry there for who points at it (`eap/picture.js`); who uses the keyboard or listens walks the list
itself: an image holds nothing that could be focused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Final

from eap.format.document import Document, Step
from eap.format.kinds import Kind
from eap.format.layout import BOX_HEIGHT, BOX_WIDTH, LANE_HEAD, MARGIN, Band, Box, Layout, Line, lay_out

LETTERS: Final = 22
"""Letters of the drawing's font that fit beside the icon."""
ICONS: Final[Mapping[Kind, str]] = {
    Kind.MANUAL: "person",
    Kind.PAUSE_POINT: "pause",
    Kind.APPROVAL: "decide",
    Kind.PAGE: "ring",
    Kind.STATUS_UPDATE: "globe",
    Kind.WAIT: "hourglass",
    Kind.AUTOMATION: "gear",
    Kind.VERIFY: "search",
    Kind.DECISION: "question",
    Kind.SUB_PLAN: "plan",
    Kind.END: "stop",
}
WORDS: Final[Mapping[Kind, str]] = {
    Kind.MANUAL: "By hand",
    Kind.PAUSE_POINT: "Pause point",
    Kind.APPROVAL: "Approval",
    Kind.PAGE: "Page",
    Kind.STATUS_UPDATE: "Status update",
    Kind.WAIT: "Wait",
    Kind.AUTOMATION: "Automation",
    Kind.VERIFY: "Verify",
    Kind.DECISION: "Decision",
    Kind.SUB_PLAN: "Sub-plan",
    Kind.END: "End",
}


@dataclass(frozen=True)
class Shown:
    """A step's state as people see it: a kind of state ("ok", "watch", "bad", "calm", "quiet"), an icon, a word."""

    kind: str
    icon: str
    word: str


def draw(
    document: Document,
    *,
    sprite: str,
    states: Mapping[str, Shown] | None = None,
    title: str = "",
    identity: str = "graph",
) -> str:
    """Return the SVG of a plan's steps; everything in it is escaped.

    `sprite` is the address of the icons. `states` colours steps by id. `identity` makes ids unique on a page. A
    box says its step as `data-step`; `eap/picture.js` leads from there to `#step-<id>`.
    """
    layout = lay_out(document)
    title = title or document.title
    said = f"{len(document.steps)} steps. The list beside this picture says the same."
    size = f'viewBox="0 0 {layout.width} {layout.height}" width="{layout.width}" height="{layout.height}"'
    tip_box = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    parts = [
        f'<svg class="graph" role="img" aria-labelledby="{identity}-title {identity}-said" {size}>',
        f'<title id="{identity}-title">{escape(title)}</title><desc id="{identity}-said">{escape(said)}</desc>',
        f'<defs><marker id="{identity}-tip" {tip_box}><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        *(_band(band, layout) for band in layout.bands),
        *(_line(line, identity, states or {}) for line in layout.lines),
        *(_box(box, sprite, (states or {}).get(box.step.id)) for box in layout.boxes),
        "</svg>",
    ]
    return "".join(parts)


def _band(band: Band, layout: Layout) -> str:
    left, width = band.x - 8, band.width + 16
    words = escape(_cut(band.title, LETTERS))
    title = f'<text class="band-title" x="{band.x}" y="{MARGIN + LANE_HEAD - 14}">{words}</text>'
    if not band.title:
        return ""
    return f'<rect class="band" x="{left}" y="8" width="{width}" height="{layout.height - 16}" rx="10"/>{title}'


def _line(line: Line, identity: str, states: Mapping[str, Shown]) -> str:
    (x, y), *rest = line.points
    way = [f"M{x} {y}"]
    for to_x, to_y in rest:
        # Straight down inside a layer, a soft curve between two of them.
        way.append(f"V{to_y}" if to_x == x else f"C{x} {(y + to_y) // 2} {to_x} {(y + to_y) // 2} {to_x} {to_y}")
        x, y = to_x, to_y
    walked = " walked" if line.start in states and states[line.start].kind == "ok" else ""
    return f'<path class="line{walked}" d="{"".join(way)}" marker-end="url(#{identity}-tip)"/>'


def _box(box: Box, sprite: str, shown: Shown | None) -> str:
    step = box.step
    classes = ["box", *([shown.kind] if shown else [])]
    classes += ["maybe"] if step.when is not None else []
    classes += ["grave"] if step.point_of_no_return or step.destructive else []
    lines = _lines(f"{box.number}. {step.title}", LETTERS)
    words = [WORDS[step.kind]]
    words += [shown.word] if shown else []
    words += ["no way back"] if step.point_of_no_return else ["destroys"] if step.destructive else []
    icon = shown.icon if shown else ICONS[step.kind]
    top = box.y + (22 if len(lines) == 2 else 28)
    text = "".join(
        f'<text class="step" x="{box.x + 38}" y="{top + 16 * row}">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )
    said = escape(_cut(" · ".join(words), LETTERS + 4))
    meta = f'<text class="meta" x="{box.x + 38}" y="{top + 16 * len(lines) + 1}">{said}</text>'
    return (
        f'<g class="{" ".join(classes)}" data-step="{step.id}">'
        f"<title>{escape(step.title)}: {escape(', '.join(words))}</title>"
        f'<rect x="{box.x}" y="{box.y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="10"/>'
        f'<svg class="icon" x="{box.x + 11}" y="{box.y + 22}" width="20" height="20">'
        f'<use href="{escape(sprite)}#{icon}"/></svg>{text}{meta}</g>'
    )


def _lines(text: str, letters: int) -> list[str]:
    """Return a text on at most two lines."""
    lines = wrap(text, letters, break_long_words=True) or [""]
    return lines if len(lines) < 3 else [lines[0], _cut(f"{lines[1]} {lines[2]}", letters)]


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def kinds_used(steps: Sequence[Step]) -> list[Kind]:
    """Return the kinds among steps, in the format's order: what a legend shows."""
    used = {step.kind for step in steps}
    return [kind for kind in Kind if kind in used]
