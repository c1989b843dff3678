"""The record of each component: its last 90 days and its uptime, from the timeline of what hit it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from statuspage.models import ImpactChange, StatusPage
from statuspage.rules.impact import OPERATIONAL, Step, spans
from statuspage.rules.uptime import DAYS, Day, daily, record_begins, uptime
from statuspage.site.pieces import Uptime

FIELDS: Final = ("component_id", "source_id", "status", "at", "id")
UNTIL_WINDOW: Final = timedelta(days=DAYS + 1)


@dataclass(frozen=True)
class Record:
    """Days, oldest first, and both figures."""

    days: tuple[Day, ...]
    uptime: Uptime


class Records:
    """The timelines of a page's components, read once: two queries, whatever their age."""

    def __init__(self, page: StatusPage, *, now: datetime) -> None:
        """Read what matters for the days up to `now`."""
        self._now = now
        self._zone = ZoneInfo(page.time_zone)
        self._since = now - UNTIL_WINDOW
        self._steps = _steps(page, since=self._since, now=now)
        self._calm: Record | None = None

    def of(self, component_id: str, *, start_date: date | None, created_at: datetime) -> Record:
        """Return a component's record."""
        begins = record_begins(start_date=start_date, created_at=created_at, zone=self._zone)
        steps = self._steps.get(component_id)
        if steps:
            return self._made(steps, begins)
        if begins > self._since:
            return self._made((), begins)
        # Most components had no trouble and are older than the strip: they share one record.
        if self._calm is None:
            self._calm = self._made((), begins)
        return self._calm

    def _made(self, steps: Iterable[Step], begins: datetime) -> Record:
        days = tuple(daily(spans(steps), begins=begins, now=self._now, zone=self._zone))
        return Record(
            days=days,
            uptime=Uptime(
                excluded=uptime(days, maintenance_included=False), included=uptime(days, maintenance_included=True)
            ),
        )


def _steps(page: StatusPage, *, since: datetime, now: datetime) -> dict[str, list[Step]]:
    """Return the steps since a moment, and of each source the one that held then, unless all was well."""
    rows = ImpactChange.objects.filter(component__page=page, superseded_by=None)
    held = (
        rows.filter(at__lt=since)
        .order_by("component_id", "source_id", "-at", "-id")
        .distinct("component_id", "source_id")
        .values_list(*FIELDS)
    )
    found: dict[str, list[Step]] = defaultdict(list)
    for component, source, status, at, order in held:
        if status != OPERATIONAL:
            found[component].append(Step(at=at, source=source or "", status=status, order=order))
    for component, source, status, at, order in rows.filter(at__gte=since, at__lte=now).values_list(*FIELDS):
        found[component].append(Step(at=at, source=source or "", status=status, order=order))
    return found
