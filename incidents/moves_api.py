"""What people do with an incident in the API: each verb answers the incident as it is afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from incidents.api_answers import incident_out
from incidents.api_shapes import (
    EndIn,
    IncidentOut,
    MergeIn,
    NoteIn,
    RespondersIn,
    RoleIn,
    SeverityIn,
    StatusIn,
)
from incidents.operations.add_note import add_note
from incidents.operations.add_responders import add_responders
from incidents.operations.assign_role import assign_role
from incidents.operations.change_severity import change_severity
from incidents.operations.change_status import change_status
from incidents.operations.close import close
from incidents.operations.decline import decline
from incidents.operations.merge import merge
from incidents.operations.reopen import reopen
from incidents.operations.resolve import resolve
from incidents.queries import access_incident, full_incident
from people.api_door import admit
from people.api_shapes import people_given, person_given
from people.permissions import NOTE, RESPOND
from web.api import Router
from web.errors import BadInput, NotFound

router = Router(tags=["incidents"])


@router.post("/incidents/{incident_id}/status", response=IncidentOut)
def change_incident_status(request: HttpRequest, incident_id: str, given: StatusIn) -> IncidentOut:
    """Move it along its life."""
    return _move(request, incident_id, RESPOND, change_status, status=given.status, note=given.note)


@router.post("/incidents/{incident_id}/severity", response=IncidentOut)
def change_incident_severity(request: HttpRequest, incident_id: str, given: SeverityIn) -> IncidentOut:
    """Change how bad it is: raised, it calls more leaders; lowered, who was called stays called."""
    return _move(request, incident_id, RESPOND, change_severity, severity=given.severity, reason=given.reason)


@router.post("/incidents/{incident_id}/roles", response=IncidentOut)
def assign_incident_role(request: HttpRequest, incident_id: str, given: RoleIn) -> IncidentOut:
    """Hand a role over; who held it and who takes it are told."""

    def assign(**move: Any) -> object:
        person = person_given(given.person) if given.person else None
        return assign_role(role=given.role, person=person, **move)

    return _move(request, incident_id, RESPOND, assign)


@router.post("/incidents/{incident_id}/notes", response=IncidentOut)
def add_incident_note(request: HttpRequest, incident_id: str, given: NoteIn) -> IncidentOut:
    """Add a note to the timeline."""
    return _move(request, incident_id, NOTE, add_note, text=given.text)


@router.post("/incidents/{incident_id}/responders", response=IncidentOut)
def add_incident_responders(request: HttpRequest, incident_id: str, given: RespondersIn) -> IncidentOut:
    """Call more people; whoever is called already or has answered is not called again."""

    def add(**move: Any) -> object:
        return add_responders(people=people_given(given.people, field="people"), **move)

    return _move(request, incident_id, RESPOND, add)


@router.post("/incidents/{incident_id}/merge", response=IncidentOut)
def merge_incident(request: HttpRequest, incident_id: str, given: MergeIn) -> IncidentOut:
    """Make it part of another one; `merged_into` of the answer is where it goes on."""
    person = admit(request, RESPOND).person

    def join(**move: Any) -> object:
        try:
            into = access_incident(person, given.into)
        except NotFound as missing:
            raise BadInput(missing.sentence, errors={"into": missing.sentence}) from missing
        return merge(into_id=into.pk, reason=given.reason, **move)

    return _move(request, incident_id, RESPOND, join)


@router.post("/incidents/{incident_id}/resolve", response=IncidentOut)
def resolve_incident(request: HttpRequest, incident_id: str, given: EndIn | None = None) -> IncidentOut:
    """End the response: nobody is called any more."""
    return _move(request, incident_id, RESPOND, resolve, note=given.why if given else "")


@router.post("/incidents/{incident_id}/close", response=IncidentOut)
def close_incident(request: HttpRequest, incident_id: str, given: EndIn | None = None) -> IncidentOut:
    """Close a resolved one: nothing is left to do."""
    return _move(request, incident_id, RESPOND, close, note=given.why if given else "")


@router.post("/incidents/{incident_id}/decline", response=IncidentOut)
def decline_incident(request: HttpRequest, incident_id: str, given: EndIn | None = None) -> IncidentOut:
    """End one in triage that turned out to be none."""
    return _move(request, incident_id, RESPOND, decline, reason=given.why if given else "")


@router.post("/incidents/{incident_id}/reopen", response=IncidentOut)
def reopen_incident(request: HttpRequest, incident_id: str, given: EndIn | None = None) -> IncidentOut:
    """Take a resolved, closed or declined one back; leaders who had not answered are called again."""
    return _move(request, incident_id, RESPOND, reopen, reason=given.why if given else "")


def _move(
    request: HttpRequest, incident_id: str, capability: str, operation: Callable[..., object], **given: Any
) -> IncidentOut:
    """Let who calls make a move of an incident that they may see, and answer the incident after it."""
    admitted = admit(request, capability)
    incident = access_incident(admitted.person, incident_id)
    operation(incident_id=incident.pk, by=admitted.by, now=admitted.now, **given)
    return incident_out(full_incident(admitted.person, incident.pk))
