"""Alerts, events and the quarantine in the API."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from incidents.queries import access_incident, service_named
from intake.api_shapes import (
    AlertOut,
    AlertsAsked,
    EventOut,
    QuarantinedOut,
    ReplayIn,
    alert_out,
    event_out,
    quarantined_out,
)
from intake.operations.replay import replay
from intake.queries import quarantined, visible_alerts, visible_events
from people.api_door import admit
from people.permissions import ADMINISTER, AUDIT, READ
from web.api import Page, Query, Router, Window, paged
from web.errors import BadInput, NotFound

router = Router(tags=["alerts"])
NEWEST_FIRST: Final = ("-id",)


@router.get("/alerts", response=Page[AlertOut])
def list_alerts(request: HttpRequest, asked: Query[AlertsAsked]) -> dict[str, Any]:
    """Alerts that you may see, newest first."""
    admitted = admit(request, READ)
    found = visible_alerts(admitted.person)
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.service:
        service = service_named(asked.service)
        if service is None:
            raise NotFound("There is no such service.")
        found = found.filter(service=service)
    if asked.incident:
        found = found.filter(incident=access_incident(admitted.person, asked.incident))
    return paged(found, window=asked, order=NEWEST_FIRST, serialize=alert_out)


@router.get("/events", response=Page[EventOut])
def list_events(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    """What tools sent, as it came, newest first; kept for retention's time."""
    person = admit(request, READ).person
    return paged(visible_events(person), window=window, order=NEWEST_FIRST, serialize=event_out)


@router.get("/quarantine", response=Page[QuarantinedOut])
def list_quarantine(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    """What could not be understood, newest first."""
    admit(request, AUDIT)
    return paged(quarantined(), window=window, order=NEWEST_FIRST, serialize=quarantined_out)


@router.post("/quarantine/{quarantined_id}/replay", response=QuarantinedOut)
def replay_quarantined(request: HttpRequest, quarantined_id: str, given: ReplayIn | None = None) -> QuarantinedOut:
    """Take it in as if it came now: its key exists now, or you say by which integration it should have come."""
    admitted = admit(request, ADMINISTER)
    row_id = _number(quarantined_id)
    if row_id is None:
        raise NotFound("There is no such request in quarantine.")
    integration_id = _number(given.integration) if given and given.integration else None
    if given and given.integration and integration_id is None:
        sentence = "There is no such integration."
        raise BadInput(sentence, errors={"integration": sentence})
    replay(quarantined_id=row_id, integration_id=integration_id, by=admitted.by, now=admitted.now)
    return quarantined_out(quarantined().get(pk=row_id))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
