"""Durations as plans write them: "45s", "30m", "1h30m", "3d"."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

SECONDS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
PATTERN: Final = r"^(?=.)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"


def parse(text: object) -> int:
    """Return a duration in seconds. Raises `ValueError` with a sentence for anything that is not one."""
    if not isinstance(text, str) or not re.fullmatch(PATTERN, text):
        raise ValueError('Write a duration such as "45s", "30m", "1h30m" or "3d".')
    return sum(int(amount) * SECONDS[unit] for amount, unit in re.findall(r"(\d+)([dhms])", text))


def written(seconds: int) -> str:
    """Return how a plan writes so many seconds; what `parse` reads back as the same."""
    parts = []
    for unit, size in SECONDS.items():
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"


Duration = Annotated[
    int,
    BeforeValidator(parse),
    PlainSerializer(written, return_type=str),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["45s", "30m", "1h30m"]}),
]
"""Seconds in Python, a word such as "30m" in a plan."""
