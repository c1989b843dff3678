"""Close a resolved incident: nothing is left to do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident, RoleAssignment
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from incidents.rules.lifecycle import check_move
from ledger.actor import Actor


def close(*, incident_id: UUID | str, by: Actor, now: datetime, note: str = "") -> Incident:
    """Close a resolved incident and end its roles; `note` is free text.

    Raises `IllegalMove` for one that is not resolved. Locks the incident.
    """
    incident = lock_incident(incident_id)
    if incident.status == Incident.Status.CLOSED:
        return incident
    check_move(now=incident.status, to=Incident.Status.CLOSED)
    RoleAssignment.objects.filter(incident=incident, until__isnull=True).update(until=now)
    incident.status, incident.closed_at = Incident.Status.CLOSED, now
    record(
        incident,
        facts=[Fact(verb="incident.closed", personal=note.strip())],
        by=by,
        now=now,
        changed=["status", "closed_at"],
    )
    return incident
