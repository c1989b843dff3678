"""Resolve an incident."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from incidents.rules.lifecycle import check_move
from incidents.rules.numbers import seconds_between
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.cancel_pages import cancel_pages


def resolve(*, incident_id: UUID | str, by: Actor, now: datetime, note: str = "") -> Incident:
    """End the response; open pages become cancelled (resolved) and nobody is called any more.

    Roles stay with their holders, who still close it and learn from it. `note` is free text. Raises `IllegalMove` for
    an incident that ended otherwise. Locks the incident, then its open pages.
    """
    incident = lock_incident(incident_id)
    if incident.status == Incident.Status.RESOLVED:
        return incident
    check_move(now=incident.status, to=Incident.Status.RESOLVED)
    cancel_pages(subject=incident.subject, reason=Page.CancelReason.RESOLVED, by=by, now=now)
    previous = incident.status
    incident.status, incident.resolved_at = Incident.Status.RESOLVED, now
    incident.suggestion = incident.trouble = ""
    open_s = round(seconds_between(incident.opened_at, now))
    record(
        incident,
        facts=[Fact(verb="incident.resolved", payload={"from": previous, "open_s": open_s}, personal=note.strip())],
        by=by,
        now=now,
        changed=["status", "resolved_at", "suggestion", "trouble"],
    )
    return incident
