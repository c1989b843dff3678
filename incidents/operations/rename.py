"""Say better what is wrong: a new title or summary."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.declare import check_title
from incidents.operations.locking import lock_incident, lock_open_pages
from incidents.operations.recording import Fact, record
from incidents.operations.retitle_pages import retitle_pages
from ledger.actor import Actor


def rename(
    *, incident_id: UUID | str, by: Actor, now: datetime, title: str | None = None, summary: str | None = None
) -> Incident:
    """Set title, summary or both (None: as it is); the titles of open pages follow.

    Raises `BadInput` for a title that is empty or too long. Locks the incident, then its open pages.
    """
    incident = lock_incident(incident_id)
    wanted_title = incident.title if title is None else check_title(title)
    wanted_summary = incident.summary if summary is None else summary.strip()
    if (wanted_title, wanted_summary) == (incident.title, incident.summary):
        return incident
    fact = Fact(
        verb="incident.renamed",
        payload={"from": incident.title, "to": wanted_title, "summary": wanted_summary != incident.summary},
        personal=wanted_summary if wanted_summary != incident.summary else "",
    )
    incident.title, incident.summary = wanted_title, wanted_summary
    retitle_pages(incident, pages=lock_open_pages(incident))
    record(incident, facts=[fact], by=by, now=now, changed=["title", "summary"])
    return incident
