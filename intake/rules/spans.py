"""Lengths of time as people type and read them back, to the second; pure."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
    "w": 604_800,
    "week": 604_800,
}
_WRITTEN: Final = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_PART: Final = re.compile(r"(\d{1,9})\s*([a-z]+)\s*", re.ASCII)


def read_span(text: str) -> int | None:
    """Return "90", "5 min" or "1 h 30 min" in seconds; None for what is no length of time. A bare number is seconds."""
    given = text.strip().casefold()
    if given.isascii() and given.isdigit() and len(given) <= 9:
        return int(given)
    total, at = 0, 0
    while at < len(given):
        part = _PART.match(given, at)
        unit = _UNITS.get(part[2]) or _UNITS.get(part[2].removesuffix("s")) if part else None
        if part is None or unit is None:
            return None
        total, at = total + int(part[1]) * unit, part.end()
    return total if given else None


def write_span(seconds: int) -> str:
    """Return a length as `read_span` reads it: "1 h 30 min", "0 s"."""
    parts = []
    for size, unit in _WRITTEN:
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {unit}")
    return " ".join(parts) or "0 s"
