"""Who is on call, as a table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engine import clock
from people.models import Person, Schedule
from people.queries import on_call_by_schedule, schedule_plan
from people.rules.on_call import shifts

HORIZON: Final = timedelta(days=59)
"""How far the end of a shift is looked for: as far as a plan holds overrides."""


class Command(BaseCommand):
    """`who_is_on_call [--at TIME] [--schedule NAME]`: one line a schedule."""

    help = "Print whom each schedule names, now or at a moment, and until when."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a moment and a schedule."""
        parser.add_argument("--at", default="", help="ISO 8601 with offset, such as 2026-12-24T22:00+01:00; else now")
        parser.add_argument("--schedule", default="", help="the name of one schedule only")

    def handle(self, *_args: Any, at: str, schedule: str, **_options: Any) -> None:
        """Print the table."""
        moment = self._moment(at)
        found = [(each, people) for each, people in on_call_by_schedule(moment) if schedule in ("", each.name)]
        if not found:
            known = ", ".join(Schedule.objects.order_by("name").values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no such schedule. There are: {known}.")
        rows = [("SCHEDULE", "ON CALL", "UNTIL")]
        rows += [(each.name, _names(people), _until(each, moment)) for each, people in found]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for name, people, until in rows:
            self.stdout.write(f"{name:<{widths[0]}}  {people:<{widths[1]}}  {until}".rstrip())

    def _moment(self, at: str) -> datetime:
        if not at:
            return clock.now()
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            raise CommandError(f"--at is a time such as 2026-12-24T22:00+01:00, not {at!r}.") from None
        if moment.tzinfo is None:
            raise CommandError("--at needs an offset, such as +01:00 or Z: schedules live in several time zones.")
        return moment


def _names(people: list[Person]) -> str:
    return ", ".join(person.name for person in people) or "nobody"


def _until(schedule: Schedule, moment: datetime) -> str:
    """Return when somebody else has the duty, in the schedule's own zone; "" where that is further than we look."""
    try:
        zone = ZoneInfo(schedule.time_zone)
        first = shifts(schedule_plan(schedule, around=moment), moment, moment + HORIZON)[0]
    except (ZoneInfoNotFoundError, ValueError):
        return f"time zone {schedule.time_zone!r} is not known"
    if first.ends_at >= moment + HORIZON:
        return ""
    return f"{first.ends_at.astimezone(zone):%Y-%m-%d %H:%M} {schedule.time_zone}"
