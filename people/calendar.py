"""A schedule's next days with names, for screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from people.models import Person, Schedule
from people.queries import schedule_plan
from people.rules.calendar import USUAL_DAY, bounds, calendar
from people.rules.on_call import shifts

TINTS: Final = 4


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One stretch of a day: whose it is, how wide, which tint tells neighbours apart ("gap" for nobody)."""

    names: list[str]
    quarters: int
    starts_at: datetime
    ends_at: datetime
    tint: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One day; `rest` are the empty quarters behind it, up to the longest day of the picture."""

    on: date
    hours: int
    cells: list[Cell]
    rest: int


def days_of(schedule: Schedule, *, now: datetime, days: int = 14) -> list[Row]:
    """Return the next days in the schedule's own zone, today first; empty when its zone does not exist (any more)."""
    try:
        zone = ZoneInfo(schedule.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return []
    first = now.astimezone(zone).date()
    start, end = bounds(zone=zone, first=first, days=days)
    found = calendar(shifts(schedule_plan(schedule, around=now), start, end), zone=zone, first=first, days=days)
    ids = sorted({person for day in found for stretch in day.stretches for person in stretch.people})
    people = {str(person.pk): person for person in Person.objects.active().filter(pk__in=ids)}
    longest = max((day.quarters for day in found), default=USUAL_DAY)
    rows = []
    for day in found:
        cells = []
        for stretch in day.stretches:
            here = [person for person in stretch.people if person in people]
            cells.append(
                Cell(
                    names=[people[person].get_short_name() for person in here],
                    quarters=stretch.quarters,
                    starts_at=stretch.starts_at,
                    ends_at=stretch.ends_at,
                    tint=f"turn-{ids.index(here[0]) % TINTS}" if here else "gap",
                )
            )
        rows.append(Row(on=day.on, hours=day.hours, cells=cells, rest=longest - day.quarters))
    return rows
