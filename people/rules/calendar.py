"""A schedule's days as a picture: what fills each local day, to the quarter of an hour; pure.

A day on which clocks change has 92 or 100 quarters, so the picture is as long as the day is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from people.rules.on_call import Shift

QUARTER_S: Final = 900
USUAL_DAY: Final = 96


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """These people (ids; none: a gap) hold the duty for so many quarters of an hour of one day, in local times."""

    people: tuple[str, ...]
    quarters: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Day:
    """One local day and how many quarters of an hour it has."""

    on: date
    quarters: int
    stretches: tuple[Stretch, ...]

    @property
    def hours(self) -> int:
        """Return 24, or 23 and 25 on a day on which clocks change."""
        return round(self.quarters / 4)


def calendar(shifts: Sequence[Shift], *, zone: ZoneInfo, first: date, days: int) -> list[Day]:
    """Return `days` local days from `first`; `shifts` must cover them without holes."""
    return [_day(shifts, first + timedelta(days=place), zone) for place in range(days)]


def bounds(*, zone: ZoneInfo, first: date, days: int) -> tuple[datetime, datetime]:
    """Return the moments (UTC) at which the first day begins and the last one ends."""
    return _midnight(first, zone), _midnight(first + timedelta(days=days), zone)


def _day(shifts: Sequence[Shift], on: date, zone: ZoneInfo) -> Day:
    begins, ends = bounds(zone=zone, first=on, days=1)
    stretches = []
    for shift in shifts:
        start, end = max(shift.starts_at, begins), min(shift.ends_at, ends)
        # Both ends are rounded from the day's beginning, so that rounding never makes the day longer.
        quarters = _quarters(begins, end) - _quarters(begins, start)
        if start < end and quarters:
            local = (start.astimezone(zone), end.astimezone(zone))
            stretches.append(Stretch(people=shift.people, quarters=quarters, starts_at=local[0], ends_at=local[1]))
    return Day(on=on, quarters=_quarters(begins, ends), stretches=tuple(stretches))


def _quarters(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() / QUARTER_S)


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone).astimezone(UTC)
