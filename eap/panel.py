"""The runs of an incident, for its room, and the plans that fit it."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.template.loader import render_to_string

from eap.models import Run, RunStep
from eap.plan_matching import failed_starts, suggested_plans
from eap.run_screen import RUN_STATES, headline
from incidents.models import Incident
from people.models import Person
from people.permissions import RUN_PLAN, may

SHOWN: Final = 5


def plans_of(request: HttpRequest, incident: Incident) -> str:
    """Return the newest runs with how far they are and what is next; "" where there is neither a run nor a plan."""
    runs = list(Run.objects.filter(incident=incident).order_by("-started_at")[:SHOWN])
    steps: dict[object, list[RunStep]] = {}
    for step in RunStep.objects.filter(run__in=runs).select_related("person").order_by("position"):
        steps.setdefault(step.run_id, []).append(step)
    suggested = suggested_plans(incident) if incident.is_open else []
    failed = failed_starts(incident)
    if not (runs or suggested or failed):
        return ""
    rows = []
    for run in runs:
        own = steps.get(run.pk, [])
        now = next((step for step in own if step.state in ("unknown", "failed", "active", "ready")), None)
        rows.append((run, headline(own), *RUN_STATES[run.state], now if run.is_open else None))
    person = request.user
    may_run = isinstance(person, Person) and may(person, RUN_PLAN)
    context = {"incident": incident, "rows": rows, "suggested": suggested, "failed": failed, "may_run": may_run}
    return render_to_string("eap/runs/panel.html", context, request)
