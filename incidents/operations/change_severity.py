"""Change how bad it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.call_people import call_people
from incidents.operations.locking import lock_incident, lock_open_pages
from incidents.operations.recording import Fact, record
from incidents.operations.retitle_pages import retitle_pages
from incidents.rules.lifecycle import check_open
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from web.errors import BadInput


def change_severity(*, incident_id: UUID | str, severity: int, by: Actor, now: datetime, reason: str = "") -> Incident:
    """Set the severity, 1 (worst) to 4; the titles of pages follow.

    Raising it widens the muster: tiers that are now needed too are called. Lowering it narrows nothing: who was called
    stays called, and the ledger says so. `reason` is free text. Raises `BadInput` and `IllegalMove`. Locks the
    incident, then its open pages.
    """
    if not 1 <= severity <= 4:
        raise BadInput("There is no such severity.", errors={"severity": "Choose SEV1 (worst) to SEV4."})
    incident = lock_incident(incident_id)
    check_open(incident.status, doing="change its severity")
    if incident.severity == severity:
        return incident
    previous, incident.severity = incident.severity, severity
    pages = lock_open_pages(incident)
    retitle_pages(incident, pages=pages)
    raised = severity < previous
    record(
        incident,
        facts=[
            Fact(
                verb="incident.severity_changed",
                payload={
                    "from": severity_name(previous),
                    "to": severity_name(severity),
                    "raised": raised,
                    "stay_called": not raised and bool(pages),
                },
                personal=reason.strip(),
            )
        ],
        by=by,
        now=now,
        changed=["severity"],
    )
    if raised:
        call_people(incident=incident, by=by, now=now)
    return incident
