"""The one clock of the simulator."""

import time
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Wall time in UTC to the microsecond, each reading later than the one before it.

    Two requests therefore never share a moment, and a step back of the system clock can't reorder them.
    """

    def __init__(self) -> None:
        self._last_us = 0

    def now(self) -> datetime:
        self._last_us = max(time.time_ns() // 1000, self._last_us + 1)
        return EPOCH + timedelta(microseconds=self._last_us)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with microseconds and offset, or None."""
    return moment.isoformat(timespec="microseconds") if moment else None
