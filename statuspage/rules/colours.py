"""Whether a page's colour can be read on its paper."""

from __future__ import annotations

import re
from typing import Final

HEXADECIMAL: Final = re.compile(r"#[0-9a-f]{6}", re.ASCII)
LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: text of normal size."""
PAPER: Final = "#ffffff"
DARK_PAPER: Final = "#161e1d"


def contrast(colour: str, paper: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 counts it, 1 to 21. Each is `#` and six hexadecimal digits."""
    lighter, darker = sorted((_luminance(colour), _luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def fault(colour: str, paper: str) -> str:
    """Return why a colour can't be used on this paper, in a sentence; "" when it can, or for no colour at all."""
    if not colour:
        return ""
    if not HEXADECIMAL.fullmatch(colour):
        return "Write a colour as # and six digits, such as #0b5fff."
    found = contrast(colour, paper)
    if found < LEAST_CONTRAST:
        place = "on white" if paper == PAPER else "in the dark"
        return f"This colour can't be read well {place}: its contrast is {found:.1f}, {LEAST_CONTRAST} is needed."
    return ""


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
