"""Which PINs are good enough; pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

SHORTEST: Final = 4
LONGEST: Final = 8
_SHAPE: Final = re.compile(rf"[0-9]{{{SHORTEST},{LONGEST}}}")
_YEAR: Final = re.compile(r"(19|20)[0-9]{2}")


def fault(pin: str) -> str:
    """Return the sentence that refuses a PIN, "" for a good one.

    Refused are the ones tried first: repeated digits or groups (0000, 1212), sequences (1234, 8765) and years.
    """
    if not _SHAPE.fullmatch(pin):
        return f"Choose {SHORTEST} to {LONGEST} digits."
    if any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1)):
        return "This repeats itself, so it is tried first. Choose another one."
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({1}, {9}):
        return "This is a sequence, so it is tried first. Choose another one."
    if _YEAR.fullmatch(pin):
        return "This reads like a year, so it is tried first. Choose another one."
    return ""
