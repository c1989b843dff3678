"""The tokens of the stylesheet: contrast by WCAG 2.2 (1.4.3: 4.5 for text; 1.4.11: 3 for edges), in both themes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

STATIC: Final = Path(__file__).resolve().parents[2] / "web" / "static" / "web"
SHEET: Final = (STATIC / "muster.css").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r":root(?P<which>[^{,]*)\{(?P<body>[^}]*)\}", SHEET)

TEXT: Final = [
    ("ink", "paper"), ("ink", "card"), ("ink", "sunk"), ("soft", "paper"), ("soft", "card"), ("soft", "sunk"),
    ("accent", "paper"), ("accent", "card"), ("accent", "accent-wash"), ("accent-ink", "accent"),
    ("accent-ink", "accent-hover"), ("accent-hover", "accent-wash"), ("ink", "accent-wash"),
    ("bad-ink", "bad-hover"),
    *[(kind, f"{kind}-wash") for kind in ("ok", "watch", "bad", "calm", "quiet")],
    *[(f"{kind}-ink", kind) for kind in ("ok", "watch", "bad", "calm", "quiet")],
    *[("ink", f"{kind}-wash") for kind in ("ok", "watch", "bad", "calm", "quiet")],
    ("bad", "card"), ("bad", "paper"),
]  # fmt: skip
EDGES: Final = [("edge", "card"), ("edge", "paper"), ("focus", "paper"), ("focus", "card"), ("accent", "sunk")]


def tokens(which: str) -> dict[str, str]:
    """Return the colours of a `:root` block, chosen by what stands behind `:root`."""
    body = next(body for selector, body in BLOCKS if selector.strip() == which)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))


THEMES: Final = {"light": tokens(""), "dark": tokens('[data-theme="dark"]')}


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.2, "relative luminance")."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_stands_out_from_what_it_is_written_on(theme: str, front: str, back: str) -> None:
    assert contrast(THEMES[theme][front], THEMES[theme][back]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back"), EDGES)
def test_edges_and_focus_can_be_seen(theme: str, front: str, back: str) -> None:
    assert contrast(THEMES[theme][front], THEMES[theme][back]) >= 3


def test_dark_is_the_same_by_choice_and_by_the_system() -> None:
    assert tokens(':not([data-theme="light"])') == THEMES["dark"]


def test_colours_are_named_only_among_the_tokens() -> None:
    beyond = SHEET[SHEET.index("@layer base {") :]
    loose = [line.strip() for line in beyond.splitlines() if re.search(r"#[0-9a-f]{3,6}\b|rgb\(|hsl\(", line)]
    # A QR code and paper are white whatever the theme.
    assert all("#fff" in line and ("qr" in line or "11pt" in line) for line in loose), loose


def test_every_class_in_a_template_exists_in_the_stylesheet() -> None:
    sheets = STATIC.parents[2].glob("*/static/**/*.css")
    known = set(re.findall(r"\.([a-z][\w-]*)", "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)))
    used: dict[str, str] = {}
    pages = list(STATIC.parents[2].glob("*/templates/**/*.html"))
    for page in pages:  # a mail brings its styles with it
        for sheet in re.findall(r"<style>(.*?)</style>", page.read_text(encoding="utf-8"), re.DOTALL):
            known.update(re.findall(r"\.([a-z][\w-]*)", sheet))
    for page in pages:
        text = re.sub(r"\{[{%].*?[%}]\}", " ", page.read_text(encoding="utf-8"))
        for names in re.findall(r'class="([^"]*)"', text):
            used.update(dict.fromkeys(names.split(), page.name))
    assert {name: page for name, page in used.items() if name not in known} == {}
