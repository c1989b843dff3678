"""Record what was decided, by whom and why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from ledger.actor import Actor
from notifications.operations.note_activity import note_activity
from web.errors import BadInput


def decide(*, incident_id: UUID | str, text: str, by: Actor, now: datetime, because: str = "") -> Incident:
    """Put a decision into the timeline; `because` says why. Both are free text.

    A decision is its own kind of entry, so that an executive's account and a review find it. Raises `BadInput` for an
    empty one. It counts as activity. Locks the incident, then its pages.
    """
    if not text.strip():
        raise BadInput("An empty decision decides nothing.", errors={"text": "Write what was decided."})
    incident = lock_incident(incident_id)
    note_activity(subject=incident.subject, now=now)
    written = "\n\n".join(part for part in (text.strip(), because.strip()) if part)
    record(incident, facts=[Fact(verb="incident.decided", personal=written)], by=by, now=now)
    return incident
