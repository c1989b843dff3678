"""When the test of ourselves comes, and what its messages say about the channels; pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from notifications.rules.tale import BUSY, NOBODY

Verdict = Literal["arrived", "taken", "rang", "failed", "silent", "waiting"]
GOOD: Final = frozenset({"arrived", "taken", "rang"})
WAITS_FOR: Final = timedelta(minutes=15)
"""How long a receipt may take. Networks mostly report within a minute; a provider's retries take a few more."""


def next_after(moment: datetime, *, at: time, time_zone: str, weekday: int | None = None) -> datetime:
    """Return the first time after `moment`, in UTC; `weekday` from Monday = 0, None: every day.

    A local time that a change of clocks leaves out comes as much later as the clock was moved; one that comes twice is
    its first. Raises `ZoneInfoNotFoundError` for a zone that does not exist.
    """
    zone = ZoneInfo(time_zone)
    day = moment.astimezone(zone).date()
    while True:
        found = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if found > moment and weekday in (None, day.weekday()):
            return found
        day += timedelta(days=1)


def verdict(*, state: str, results: Collection[str], has_receipts: bool, is_over: bool) -> Verdict:
    """Return what became of one message; `results` are its attempts', `is_over` once nothing more is waited for.

    A phone that rang and that nobody picked up did what it should; a channel without receipts has done its part when
    its provider took the message.
    """
    if state == "delivered":
        return "arrived"
    if any(result in NOBODY | BUSY for result in results):
        return "rang"
    if state in ("failed", "expired", "cancelled"):
        return "failed"
    if state == "sent" and not has_receipts:
        return "taken"
    return "silent" if is_over else "waiting"
