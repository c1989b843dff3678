"""Suggest the next move to whoever has command; only a person makes it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from ledger.actor import Actor


def suggest(*, incident_id: UUID | str, suggestion: str, by: Actor, now: datetime) -> Incident:
    """Show `suggestion` (at most 300 characters) on an open incident; the same one again changes nothing.

    Locks the incident.
    """
    incident = lock_incident(incident_id)
    if not incident.is_open or incident.suggestion == suggestion:
        return incident
    incident.suggestion = suggestion
    fact = Fact(verb="incident.suggested", payload={"suggestion": suggestion})
    record(incident, facts=[fact], by=by, now=now, changed=["suggestion"])
    return incident
