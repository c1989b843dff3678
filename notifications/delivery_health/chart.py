"""A provider's window as a strip: what it took above what failed, and the same as figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from notifications.delivery_health.reads import Slot
from notifications.delivery_health.report import SLOTS

HEIGHT: Final = 24


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One part of the window. The drawing counts down from the top: what was taken stands on what failed."""

    at: int
    began: datetime
    taken: int
    failed: int
    median_ms: int | None
    taken_top: int
    taken_height: int
    failed_top: int
    failed_height: int


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One provider over the window; `most` is the most tries in one part, which fills the height."""

    bars: tuple[Bar, ...]
    most: int
    width: int = SLOTS
    height: int = HEIGHT


def strip(slots: Sequence[Slot], *, since: datetime, now: datetime) -> Strip | None:
    """Return the drawing of a provider; None where there is nothing to draw."""
    most = max((each.taken + each.failed for each in slots), default=0)
    if not most:
        return None
    length = (now - since) / SLOTS
    bars = tuple(_bar(each, began=since + each.place * length, most=most) for each in slots)
    return Strip(bars=bars, most=most)


def _bar(slot: Slot, *, began: datetime, most: int) -> Bar:
    failed = _height(slot.failed, most)
    taken = min(_height(slot.taken, most), HEIGHT - failed)
    return Bar(
        at=slot.place,
        began=began,
        taken=slot.taken,
        failed=slot.failed,
        median_ms=slot.median_ms,
        taken_top=HEIGHT - failed - taken,
        taken_height=taken,
        failed_top=HEIGHT - failed,
        failed_height=failed,
    )


def _height(count: int, most: int) -> int:
    """Return a height of `HEIGHT`; what happened once among thousands is still seen."""
    return max(1, round(HEIGHT * count / most)) if count else 0
