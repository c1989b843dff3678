"""When a schedule of runs comes next; pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Recurrence:
    """Every day, every week on a weekday (Monday = 0) or every month on a day (31: the last one), at a local time."""

    every: Literal["day", "week", "month"]
    at: time
    time_zone: str
    weekday: int | None = None
    day: int | None = None


def next_after(recurrence: Recurrence, moment: datetime) -> datetime:
    """Return the first time after `moment`, in UTC.

    A local time that a change of clocks leaves out comes as much later as the clock was moved; one that comes twice is
    its first. Raises `ZoneInfoNotFoundError` for a zone that does not exist.
    """
    zone = ZoneInfo(recurrence.time_zone)
    day = moment.astimezone(zone).date()
    for _ in range(64):
        if _falls_on(recurrence, day):
            found = datetime.combine(day, recurrence.at, tzinfo=zone).astimezone(UTC)
            if found > moment:
                return found
        day += timedelta(days=1)
    raise ValueError("This never comes.")


def _falls_on(recurrence: Recurrence, day: date) -> bool:
    if recurrence.every == "week":
        return day.weekday() == recurrence.weekday
    if recurrence.every == "month":
        last = calendar.monthrange(day.year, day.month)[1]
        return day.day == min(recurrence.day or 1, last)
    return True
