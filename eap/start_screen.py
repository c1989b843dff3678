"""What starts a plan without anybody, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from eap.forms_starts import WEEKDAYS
from eap.models import AutomaticStart, Plan, RunHook, RunSchedule
from incidents.models import IncidentType
from incidents.queries import visible_incidents
from people.models import Person

REVOKED_SHOWN: Final = 10


@dataclass(frozen=True)
class Starts:
    """What starts a plan; `by_incidents` and `suggested_by` are sentences, empty for none; `last` is what an incident
    started last, or could not, among those that the reader may know of."""

    schedules: list[tuple[RunSchedule, str]]
    hooks: list[RunHook]
    revoked: list[RunHook]
    by_incidents: str
    suggested_by: str
    last: AutomaticStart | None


def starts_of(plan: Plan, person: Person) -> Starts:
    """Return what starts a plan. Four queries."""
    hooks = list(plan.hooks.order_by("name", "pk"))
    tried = AutomaticStart.objects.filter(plan=plan, incident__in=visible_incidents(person))
    schedules = plan.schedules.select_related("last_run").order_by("pk")
    return Starts(
        schedules=[(schedule, in_words(schedule)) for schedule in schedules],
        hooks=[hook for hook in hooks if hook.revoked_at is None],
        revoked=[hook for hook in hooks if hook.revoked_at is not None][:REVOKED_SHOWN],
        by_incidents=_incidents(plan.started_by_incidents),
        suggested_by=_incidents(plan.suggested_by_incidents),
        last=tried.select_related("incident", "run").order_by("-at").first(),
    )


def in_words(schedule: RunSchedule) -> str:
    """Return when a schedule starts its plan: "Every week on Monday at 09:00, Europe/Stockholm"."""
    at: dict[str, Any] = {"at": f"{schedule.at:%H:%M}", "zone": schedule.time_zone.replace("_", " ")}
    if schedule.every == RunSchedule.Every.WEEK:
        return _("Every week on {weekday} at {at}, {zone}").format(weekday=dict(WEEKDAYS)[schedule.weekday or 0], **at)
    if schedule.every == RunSchedule.Every.MONTH:
        return _("Every month on day {day} at {at}, {zone}").format(day=schedule.day, **at)
    return _("Every day at {at}, {zone}").format(**at)


def _incidents(wishes: dict[str, Any]) -> str:
    """Return which incidents a plan's wishes mean, as a part of a sentence."""
    types = [str(dict(IncidentType.choices).get(each, each)) for each in wishes.get("types") or []]
    severities = [f"SEV{each}" for each in wishes.get("severities") or []]
    if types and severities:
        return _("{types}, when {severities}").format(
            types=_(" or ").join(types), severities=_(" or ").join(severities)
        )
    return _(" or ").join(types or severities)
