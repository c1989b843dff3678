"""Which plans fit an incident: those it suggests, those it starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from eap.models import AutomaticStart, Plan, Run
from incidents.models import Incident

Matches = Callable[[Incident], bool]


def plans_that(wish: Literal["start", "suggest"]) -> list[tuple[Plan, Matches]]:
    """Return the published plans that incidents start or suggest, each with what tells whether one fits. One query."""
    column = "started_by_incidents" if wish == "start" else "suggested_by_incidents"
    plans = Plan.objects.filter(archived_at=None, published__isnull=False).exclude(**{column: {}})
    return [(plan, _matcher(getattr(plan, column))) for plan in plans.select_related("published", "published__plan")]


def _matcher(wishes: dict[str, Any]) -> Matches:
    """Any of the types and any of the severities; an empty list of both fits nothing, of one of them fits any."""
    types, severities = wishes.get("types") or [], wishes.get("severities") or []

    def matches(incident: Incident) -> bool:
        if not types and not severities:
            return False
        return (not types or incident.type in types) and (not severities or incident.severity in severities)

    return matches


def suggested_plans(incident: Incident) -> list[Plan]:
    """Return the plans to offer for an incident, by title, without those that run or ran for it already."""
    ran = set(Run.objects.filter(incident=incident, drill=False).values_list("plan_id", flat=True))
    return [plan for plan, matches in plans_that("suggest") if matches(incident) and plan.pk not in ran]


def failed_starts(incident: Incident) -> list[AutomaticStart]:
    """Return the plans that were to start by themselves for an incident and could not, with the sentence why."""
    return list(AutomaticStart.objects.filter(incident=incident).exclude(trouble="").select_related("plan"))
