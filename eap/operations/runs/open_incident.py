"""Open the incident that a plan wants when a run of it ends as failed."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction

from eap.documents import pinned
from eap.format.document import FailureIncident
from eap.models import Run
from eap.values import filled, incident_values, inputs_of
from incidents.models import Incident
from incidents.operations.declare import LONGEST_TITLE, declare
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from ledger.rules import JSON
from web import live
from web.errors import Refusal

BATCH: Final = 20

log = structlog.get_logger(__name__)


def open_for_failures(*, now: datetime) -> int:
    """Open an incident for each failed run whose plan wants one, once each; return how many were looked at.

    Each is a transaction of its own that locks the run. What can't be opened leaves its sentence on the run.
    """
    wanted: list[UUID] = list(
        Run.objects.filter(on_failure=Run.OnFailure.WANTED).order_by("ended_at").values_list("pk", flat=True)[:BATCH]
    )
    for run_id in wanted:
        try:
            with transaction.atomic():
                _open(run_id, now=now)
        except Refusal as refusal:
            log.warning("incident_not_opened", run=str(run_id), reason=refusal.sentence)
            sentence = f"No incident was opened for its failure. {refusal.sentence}"[:300]
            Run.objects.filter(pk=run_id).update(on_failure="", trouble=sentence)
    return len(wanted)


def _open(run_id: UUID, *, now: datetime) -> None:
    found = Run.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("plan")
    run = found.filter(pk=run_id, on_failure=Run.OnFailure.WANTED).first()
    document = pinned(run.version_id).document if run is not None else None
    if run is None or document is None or document.on_failure is None:
        return
    by = Actor(kind="rule", id=f"plan:{run.plan_id}", name=f"Rule of {run.plan.title}"[:100], via="rule")
    before = _open_before(run)
    incident = before or _declare(run, document.on_failure.incident, by=by, now=now)
    run.incident, run.on_failure = incident, Run.OnFailure.OPENED
    run.save(update_fields=["incident", "on_failure"])
    verb = "run.incident_joined" if before else "run.incident_opened"
    payload: dict[str, JSON] = {"run": str(run.pk), "plan": run.title, "drill": False, "incident": incident.number}
    append_all(
        [
            Event(subject=subject, verb=verb, by=by, now=now, payload={**payload, "outcome": run.outcome[:500]})
            for subject in (run.subject, incident.subject)
        ]
    )
    live.changed(run.subject, "runs", incident.subject)


def _open_before(run: Run) -> Incident | None:
    """Return the incident of an earlier failure of the same plan, if people still work on it."""
    earlier = Run.objects.filter(
        plan_id=run.plan_id, on_failure=Run.OnFailure.OPENED, incident__status__in=Incident.OPEN
    )
    last = earlier.select_related("incident").order_by("-started_at").first()
    return last.incident if last is not None else None


def _declare(run: Run, wanted: FailureIncident, *, by: Actor, now: datetime) -> Incident:
    values = {
        "inputs": inputs_of(run, pinned(run.version_id).document),
        "run": {"id": str(run.pk), "drill": run.drill},
        "incident": incident_values(None),
    }
    return declare(
        title=filled(wanted.title, values)[:LONGEST_TITLE],
        severity=wanted.severity,
        type=wanted.type,
        summary=run.outcome,
        by=by,
        now=now,
    )
