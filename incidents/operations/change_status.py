"""Move an incident along its life."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.close import close
from incidents.operations.decline import decline
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from incidents.operations.resolve import resolve
from incidents.rules.lifecycle import check_move
from ledger.actor import Actor
from notifications.operations.note_activity import note_activity
from web.errors import BadInput, IllegalMove


def change_status(*, incident_id: UUID | str, status: str, by: Actor, now: datetime, note: str = "") -> Incident:
    """Set the status, forward or back among the open ones; `note` is free text. Returns the incident.

    "resolved", "closed" and "declined" are the verbs of that name; merging needs to know into which. Raises `BadInput`
    for an unknown status and `IllegalMove` where the move may not be made. Locks the incident, then its pages.
    """
    if status not in Incident.Status.values:
        sentence = f"Choose one of {', '.join(Incident.Status.values)}."
        raise BadInput(f"There is no status {status!r}. {sentence}", errors={"status": sentence})
    if status == Incident.Status.RESOLVED:
        return resolve(incident_id=incident_id, by=by, now=now, note=note)
    if status == Incident.Status.CLOSED:
        return close(incident_id=incident_id, by=by, now=now, note=note)
    if status == Incident.Status.DECLINED:
        return decline(incident_id=incident_id, by=by, now=now, reason=note)
    if status == Incident.Status.MERGED:
        raise IllegalMove("Merge it instead, so that we know into which incident.")
    incident = lock_incident(incident_id)
    if incident.status == status:
        return incident
    check_move(now=incident.status, to=status)
    previous, incident.status = incident.status, status
    note_activity(subject=incident.subject, now=now)
    record(
        incident,
        facts=[Fact(verb="incident.status_changed", payload={"from": previous, "to": status}, personal=note.strip())],
        by=by,
        now=now,
        changed=["status"],
    )
    return incident
