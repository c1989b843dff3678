"""Does somebody hold every duty in the days to come?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incidents.readiness.finding import Finding, Grade
from incidents.rules.numbers import in_words
from people.models import Person, Schedule
from people.queries import schedule_plan
from people.rules.on_call import Shift, shifts

AHEAD: Final = timedelta(days=14)
SOON: Final = timedelta(days=2)
SHOWN: Final = 3
"""Gaps named one by one; the rest is a number."""


def check_schedules(*, now: datetime) -> Iterator[Finding]:
    """Find gaps in the next 14 days, turns of people who left, and schedules that can't be worked out."""
    active = {str(pk) for pk in Person.objects.active().values_list("pk", flat=True)}
    for schedule in Schedule.objects.prefetch_related("rotations__places"):
        try:
            zone = ZoneInfo(schedule.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            sentence = f"{schedule.name} has the time zone {schedule.time_zone!r}, which does not exist."
            yield _finding(schedule, "no_zone", "broken", sentence, "Choose one such as Europe/Stockholm.")
            continue
        found = shifts(schedule_plan(schedule, around=now), now, now + AHEAD)
        gaps = [shift for shift in found if not any(person in active for person in shift.people)]
        yield from _check_gaps(schedule, gaps, zone=zone, now=now)


def _check_gaps(schedule: Schedule, gaps: list[Shift], *, zone: ZoneInfo, now: datetime) -> Iterator[Finding]:
    if not gaps:
        return
    if gaps[0].starts_at <= now and gaps[0].ends_at >= now + AHEAD:
        sentence = f"{schedule.name} names nobody in the next 14 days."
        yield _finding(schedule, "gap", "broken", sentence, "Add a rotation with people who are here.")
        return
    for gap in gaps[:SHOWN]:
        when = f"{gap.starts_at.astimezone(zone):%a %d %b %H:%M}"
        length = in_words((gap.ends_at - gap.starts_at).total_seconds())
        grade: Grade = "broken" if gap.starts_at <= now + SOON else "weak"
        sentence = f"Nobody is on call in {schedule.name} from {when} for {length}."
        yield _finding(schedule, "gap", grade, sentence, "Add an override, or mend the rotation.")
    if len(gaps) > SHOWN:
        sentence = f"{schedule.name} has {len(gaps) - SHOWN} more gaps in the next 14 days."
        yield _finding(schedule, "gap", "weak", sentence, "Mend the rotation.")


def _finding(schedule: Schedule, check: str, grade: Grade, sentence: str, todo: str) -> Finding:
    return Finding(
        check=check, grade=grade, sentence=sentence, todo=todo, subject=f"schedule:{schedule.pk}", name=schedule.name
    )
