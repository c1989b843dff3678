"""What was: the last days on the first page, and every month since the beginning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from statuspage.rules.uptime import DAYS
from statuspage.site.pieces import Incident
from statuspage.site.snapshot import PageSnapshot

RECENT_DAYS: Final = 14
RECORD: Final = timedelta(days=DAYS)
"""As far back as a component's page looks: as its strip does."""


@dataclass(frozen=True)
class Month:
    """A month with what began in it, newest first; `key` is written as 2026-11."""

    first: date
    incidents: tuple[Incident, ...]

    @property
    def key(self) -> str:
        """Return how the month is written in addresses."""
        return f"{self.first:%Y-%m}"

    @property
    def troubles(self) -> int:
        """Return how many incidents began in it."""
        return sum(1 for each in self.incidents if not each.is_maintenance)

    @property
    def maintenances(self) -> int:
        """Return how many maintenances were planned for it."""
        return len(self.incidents) - self.troubles


@dataclass(frozen=True)
class Stretch:
    """A day with what began on it, or some quiet days side by side: `first` to `last`."""

    first: date
    last: date
    incidents: tuple[Incident, ...]


def began(incident: Incident) -> datetime:
    """Return when an incident began, or a maintenance was planned to."""
    return incident.scheduled_for or incident.started_at


def past(page: PageSnapshot) -> list[Incident]:
    """Return incidents, and maintenance that has begun or is over, newest first; what is announced is no history."""
    shown = [*page.incidents, *(each for each in page.maintenances if each.status != "scheduled")]
    return sorted(shown, key=lambda each: (began(each), each.id), reverse=True)


def recent(page: PageSnapshot) -> list[Stretch]:
    """Return the last days, today first; quiet days side by side are one stretch."""
    zone = ZoneInfo(page.time_zone)
    today = page.now.astimezone(zone).date()
    days: dict[date, list[Incident]] = {today - timedelta(days=back): [] for back in range(RECENT_DAYS)}
    for incident in past(page):
        day = min(began(incident).astimezone(zone).date(), today)
        if day in days:
            days[day].append(incident)
    stretches: list[Stretch] = []
    for day, incidents in days.items():
        if stretches and not incidents and not stretches[-1].incidents:
            stretches[-1] = Stretch(day, stretches[-1].last, ())
        else:
            stretches.append(Stretch(day, day, tuple(incidents)))
    return stretches


def months(page: PageSnapshot) -> list[Month]:
    """Return the months from the first with something in it up to now, newest first, quiet ones too."""
    zone = ZoneInfo(page.time_zone)
    found: dict[date, list[Incident]] = defaultdict(list)
    for incident in past(page):
        found[began(incident).astimezone(zone).date().replace(day=1)].append(incident)
    last = max([page.now.astimezone(zone).date().replace(day=1), *found])
    first = min([last, *found])
    return [Month(month, tuple(found.get(month, ()))) for month in _downwards(last, first)]


def _downwards(last: date, first: date) -> Iterable[date]:
    while last >= first:
        yield last
        last = (last - timedelta(days=1)).replace(day=1)
