"""Small pictures of a state, to be shown elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.html import format_html

from statuspage.site.assets import ICON
from statuspage.site.body import printable
from statuspage.site.html import Pages
from statuspage.site.words import STATUS, Told, overall

COLOUR: Final = {"ok": "#1d7a49", "slow": "#7c5000", "part": "#9a4204", "out": "#ab231b", "plan": "#2d5591"}
"""White on each has a contrast of at least 5 (WCAG 2.2, 1.4.3)."""
GREY: Final = "#4a5452"
SIGNS: Final = {
    "check": "m5 10.5 3.5 3.5L15 6.5",
    "slow": "M4.5 13.5a5.8 5.8 0 1 1 11 0M10 13l2.5-4",
    "warn": "M10 4.5v7M10 15.2v.1",
    "cross": "m6 6 8 8M14 6l-8 8",
    "wrench": "M6 14l5-5M13 5.5a3 3 0 1 0 1.5 4",
    "note": "M6 10h8",
}
NARROW: Final = "fijlrtI.,:;'|!()[] -"
WIDE: Final = "mwMW@%"
LONGEST: Final = 40


def badges(pages: Pages) -> Iterator[tuple[str, bytes]]:
    """Yield path and body of the badge of the whole page and of each component, in the language being spoken."""
    page = pages.page
    state = overall(page.indicator, page.description)
    yield "badges/overall.svg", badge(page.name, state)
    yield ICON, icon(state)
    for component in page.components:
        yield f"badges/{component.id}.svg", badge(pages.teller.name(component), STATUS[component.status])


def icon(state: Told) -> bytes:
    """Return the picture that browsers show on the page's tab: a colour and a sign."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">'
        f'<rect width="20" height="20" rx="6" fill="{COLOUR.get(state.tone, GREY)}"/>'
        f'<path d="{SIGNS.get(state.icon, SIGNS["note"])}" fill="none" stroke="#fff" stroke-width="2.4" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>\n'
    ).encode()


def badge(name: str, state: Told) -> bytes:
    """Return a picture of 20 pixels' height: a name, and a state as word and colour."""
    name = printable(name)
    shown = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    left, right = _width(shown), _width(str(state.word))
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{name}: {word}">'
        "<title>{name}: {word}</title>"
        '<clipPath id="r"><rect width="{whole}" height="20" rx="4"/></clipPath>'
        '<g clip-path="url(#r)"><rect width="{left}" height="20" fill="{grey}"/>'
        '<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        '<text x="{at_left}" y="14" textLength="{text_left}">{shown}</text>'
        '<text x="{at_right}" y="14" textLength="{text_right}">{word}</text></g></svg>\n',
        whole=left + right,
        left=left,
        right=right,
        at_left=left // 2,
        at_right=left + right // 2,
        text_left=left - 14,
        text_right=right - 14,
        grey=GREY,
        colour=COLOUR.get(state.tone, GREY),
        name=name,
        shown=shown,
        word=state.word,
    ).encode()


def _width(text: str) -> int:
    """Return about how wide a text is in 11 pixel Verdana, with its margins; the picture makes it fit exactly."""
    signs = sum(4 if sign in NARROW else 11 if sign in WIDE else 12 if ord(sign) > 0x2E80 else 7 for sign in text)
    return max(signs, 1) + 14
