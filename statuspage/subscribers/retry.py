"""When a notice is tried again; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

PAUSES_S: Final[Mapping[str, tuple[int, ...]]] = {
    "email": (30, 120, 300, 900, 1800, 3600, 3600),
    "sms": (15, 60, 300),
    "webhook": (30, 120, 300, 900),
}
"""Seconds after the first, second … try. What is still not through then is old news: a newer update is under way."""


def next_try(channel: str, tries: int, *, now: datetime) -> datetime | None:
    """Return when to try again after `tries` tries; None: never."""
    pauses = PAUSES_S[channel]
    return now + timedelta(seconds=pauses[tries - 1]) if tries <= len(pauses) else None
