"""Start plans for incidents that ask for them by type and severity."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction

from eap.models import AutomaticStart, Plan
from eap.operations.runs.start_run import start_run
from eap.plan_matching import plans_that
from incidents.models import Incident
from ledger.actor import Actor
from web.errors import Refusal

RECENT: Final = timedelta(hours=24)
"""An incident that is older starts nothing any more: whoever wanted its plan has started it."""

log = structlog.get_logger(__name__)


def start_for_incidents(*, now: datetime) -> int:
    """Start each plan that an open incident asks for, once for each of both; return how many were started or failed to.

    Also one whose type or severity came to match later. Incidents from before the plan said so start nothing. What
    can't start (an input that nobody gave) leaves its sentence with the incident. Approvals inside still need people.
    """
    plans = plans_that("start")
    if not plans:
        return 0
    open_ = list(Incident.objects.filter(status__in=Incident.OPEN, opened_at__gte=now - RECENT))
    done = set(AutomaticStart.objects.filter(incident__in=open_).values_list("plan_id", "incident_id"))
    started = 0
    for incident in open_:
        for plan, matches in plans:
            if (plan.pk, incident.pk) not in done and matches(incident) and _is_newer(incident, plan):
                started += _start(plan, incident, now=now)
    return started


def _is_newer(incident: Incident, plan: Plan) -> bool:
    published = plan.published.published_at if plan.published else None
    return published is not None and incident.opened_at >= published


def _start(plan: Plan, incident: Incident, *, now: datetime) -> int:
    assert plan.published is not None  # noqa: S101  (only published plans match)
    with transaction.atomic():
        mark, fresh = AutomaticStart.objects.get_or_create(plan=plan, incident=incident, defaults={"at": now})
        if not fresh:
            return 0
        by = Actor(kind="rule", id=f"plan:{plan.pk}", name=f"Rule of {plan.title}"[:100], via="rule")
        try:
            with transaction.atomic():
                reason = f"Started for {incident.type} of this severity"
                mark.run = start_run(version=plan.published, incident=incident, reason=reason, by=by, now=now)
        except Refusal as refusal:
            mark.trouble = refusal.sentence[:300]
            log.warning("plan_not_started", plan=plan.key, incident=incident.number, why=refusal.sentence)
        mark.save(update_fields=["run", "trouble"])
    return 1
