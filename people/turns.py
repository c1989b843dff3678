"""Whose turn it is now, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

import structlog

from people.models import Person, Schedule
from people.queries import schedule_plan
from people.rules.on_call import shifts

AHEAD: Final = timedelta(days=14)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Who holds a duty now (nobody: a gap) and until when; None while nothing changes for two weeks.

    `following` are those who come after; nobody, where that is not known or a gap follows.
    """

    people: list[Person]
    until: datetime | None = None
    following: list[Person]


def turn_now(schedule: Schedule, *, now: datetime) -> Turn:
    """Return the turn of `now`; a schedule that can't be worked out counts as a gap (readiness names it)."""
    try:
        found = shifts(schedule_plan(schedule, around=now), now, now + AHEAD)
    except (ZoneInfoNotFoundError, ValueError):
        log.exception("schedule_not_worked_out", schedule=schedule.pk, time_zone=schedule.time_zone)
        return Turn(people=[], following=[])
    ids = {person for shift in found[:2] for person in shift.people}
    known = {str(person.pk): person for person in Person.objects.active().filter(pk__in=ids)}
    ends = found[0].ends_at
    return Turn(
        people=[known[each] for each in found[0].people if each in known],
        until=ends if len(found) > 1 else None,
        following=[known[each] for each in found[1].people if each in known] if len(found) > 1 else [],
    )
