"""What happens on a call to a line: in the call's own chain, and in the timeline of the incident that it opens."""

from __future__ import annotations

from datetime import datetime

from incidents.models import Incident
from ledger.actor import Actor
from ledger.operations.append import Event, append, append_all
from ledger.queries import entries
from ledger.rules import JSON
from rooms.models import LiveCall
from web import live

CALLER = Actor.system(name="Caller", via="voice")


def record(
    call: LiveCall, verb: str, *, now: datetime, by: Actor = CALLER, payload: dict[str, JSON] | None = None
) -> None:
    """Put one step into the call's chain, and into its incident's once there is one. Takes the ledger's head last."""
    steps: dict[str, JSON] = {"line": call.line_name, **(payload or {})}
    append(subject=call.subject, verb=verb, by=by, now=now, payload=steps, personal=call.caller)
    if call.incident_id is not None:
        append(subject=f"incident:{call.incident_id}", verb=verb, by=by, now=now, payload=steps)
        live.changed(f"incident:{call.incident_id}")
    live.changed("settings")


def tell_incident(call: LiveCall, incident: Incident) -> None:
    """Repeat what has happened on the call so far in the timeline of the incident that it opened, with its times."""
    steps = entries(call.subject, limit=100)
    append_all(
        [
            Event(
                subject=incident.subject,
                verb=step.verb,
                by=Actor.system(name=step.actor_name, via=step.actor_via),
                now=incident.opened_at,
                payload={**step.payload, "at": step.at.isoformat()},
            )
            for step in steps
        ]
    )
    live.changed(incident.subject)
