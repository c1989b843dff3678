"""Write down what somebody found or did."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from ledger.actor import Actor
from notifications.operations.note_activity import note_activity
from web.errors import BadInput


def add_note(*, incident_id: UUID | str, text: str, by: Actor, now: datetime) -> Incident:
    """Add a note to the timeline, whatever the incident's status: what is learned later belongs there too.

    Raises `BadInput` for an empty one. It counts as activity, so nobody is reminded while people write. Locks the
    incident, then its pages.
    """
    if not text.strip():
        raise BadInput("An empty note says nothing.", errors={"text": "Write what you found or did."})
    incident = lock_incident(incident_id)
    note_activity(subject=incident.subject, now=now)
    record(incident, facts=[Fact(verb="incident.noted", personal=text.strip())], by=by, now=now)
    return incident
