"""Decline an incident in triage: it turned out to be none."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from incidents.rules.lifecycle import check_move
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.cancel_pages import cancel_pages


def decline(*, incident_id: UUID | str, by: Actor, now: datetime, reason: str = "") -> Incident:
    """End an incident that is none; its pages become cancelled (declined). Only from triage.

    `reason` is free text. Raises `IllegalMove` once somebody has begun. Locks the incident, then its open pages.
    """
    incident = lock_incident(incident_id)
    if incident.status == Incident.Status.DECLINED:
        return incident
    check_move(now=incident.status, to=Incident.Status.DECLINED)
    cancel_pages(subject=incident.subject, reason=Page.CancelReason.DECLINED, by=by, now=now)
    incident.status, incident.closed_at = Incident.Status.DECLINED, now
    incident.suggestion = incident.trouble = ""
    record(
        incident,
        facts=[Fact(verb="incident.declined", personal=reason.strip())],
        by=by,
        now=now,
        changed=["status", "closed_at", "suggestion", "trouble"],
    )
    return incident
