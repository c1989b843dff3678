"""Incidents in the API: declare one, read them; services and readiness."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from incidents.api_answers import incident_out, line_out, muster_out, readiness_out, service_out
from incidents.api_shapes import (
    DeclareIn,
    IncidentOut,
    IncidentsAsked,
    LineOut,
    MusterOut,
    ReadinessOut,
    ServiceOut,
)
from incidents.board import muster_board
from incidents.models import IncidentType, Service
from incidents.operations.declare import DEFAULT_SEVERITY, declare
from incidents.queries import access_incident, full_incident, listed_incidents, service_named
from incidents.readiness import report
from incidents.timeline import timeline
from people.api_door import admit
from people.permissions import DECLARE, READ
from web.api import Page, Query, Router, Status, Window, paged
from web.api.numbered import numbered
from web.errors import BadInput

router = Router(tags=["incidents"])


@router.get("/incidents", response=Page[IncidentOut])
def list_incidents(request: HttpRequest, asked: Query[IncidentsAsked]) -> dict[str, Any]:
    """Incidents that you may see, newest first."""
    admitted = admit(request, READ)
    found = listed_incidents(admitted.person, status=asked.status, severity=asked.severity)
    return paged(found, window=asked, order=("-number",), serialize=incident_out)


@router.post("/incidents", response={201: IncidentOut})
def declare_incident(request: HttpRequest, given: DeclareIn) -> Status[IncidentOut]:
    """Declare an incident: whoever its severity needs is called as soon as this is answered."""
    admitted = admit(request, DECLARE)
    incident = declare(
        title=given.title,
        severity=given.severity or DEFAULT_SEVERITY,
        type=given.type or IncidentType.OTHER,
        summary=given.summary or "",
        service=_service(given.service),
        private=bool(given.private),
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, incident_out(full_incident(admitted.person, incident.pk)))


@router.get("/incidents/{incident_id}", response=IncidentOut)
def get_incident(request: HttpRequest, incident_id: str) -> IncidentOut:
    """One incident, by its id or its number."""
    return incident_out(full_incident(admit(request, READ).person, incident_id))


@router.get("/incidents/{incident_id}/timeline", response=Page[LineOut])
def get_timeline(request: HttpRequest, incident_id: str, window: Query[Window]) -> dict[str, Any]:
    """Every step, oldest first; the cursor is the `seq` of the last line you have."""
    incident = access_incident(admit(request, READ).person, incident_id)
    return numbered(
        lambda after, limit: timeline(incident, after_seq=after, limit=limit),
        window=window,
        number=lambda line: line.seq,
        serialize=line_out,
    )


@router.get("/incidents/{incident_id}/muster", response=MusterOut)
def get_muster(request: HttpRequest, incident_id: str) -> MusterOut:
    """The roll-call of the leaders: who was called, who confirmed, who stands in for whom."""
    return muster_out(muster_board(access_incident(admit(request, READ).person, incident_id)))


@router.get("/services", response=Page[ServiceOut], tags=["services"])
def list_services(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    """Services by name."""
    admit(request, READ)
    services = Service.objects.select_related("policy", "team")
    return paged(services, window=window, order=("name",), serialize=service_out)


@router.get("/readiness", response=ReadinessOut, tags=["readiness"])
def get_readiness(request: HttpRequest) -> ReadinessOut:
    """What would go wrong at the next incident, found before it."""
    return readiness_out(report(now=admit(request, READ).now))


def _service(name: str | None) -> Service | None:
    if not name:
        return None
    service = service_named(name)
    if service is None:
        raise BadInput("There is no such service.", errors={"service": f"No service has the key or id {name!r}."})
    return service
