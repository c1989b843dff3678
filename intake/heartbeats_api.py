"""Heartbeats in the API: jobs that must report, how they stand, what they reported."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest

from incidents.models import Service
from incidents.queries import service_named
from intake.heartbeats_api_shapes import (
    HeartbeatChangeIn,
    HeartbeatIn,
    HeartbeatOut,
    HeartbeatsAsked,
    PingOut,
    heartbeat_out,
    ping_out,
)
from intake.models import Heartbeat
from intake.operations.change_heartbeat import (
    HeartbeatDraft,
    add_heartbeat,
    change_heartbeat,
    pause_heartbeat,
    remove_heartbeat,
    resume_heartbeat,
    rotate_heartbeat_key,
)
from people.api_door import Admitted, admit
from people.permissions import ADMINISTER, READ, may
from web.api import Page, Query, Router, Status, Window, paged
from web.errors import BadInput, NotFound

router = Router(tags=["heartbeats"])
LONGEST_ID: Final = 18


@router.get("/heartbeats", response=Page[HeartbeatOut])
def list_heartbeats(request: HttpRequest, asked: Query[HeartbeatsAsked]) -> dict[str, Any]:
    """Jobs that must report, in the order in which they were made."""
    admitted = admit(request, READ)
    found = _heartbeats().filter(state=asked.state) if asked.state else _heartbeats()
    return paged(found, window=asked, order=("id",), serialize=lambda each: _shown(admitted, each))


@router.post("/heartbeats", response={201: HeartbeatOut})
def make_heartbeat(request: HttpRequest, given: HeartbeatIn) -> Status[HeartbeatOut]:
    """Make a heartbeat; `ping_url` is where its job reports."""
    admitted = admit(request, ADMINISTER)
    draft = HeartbeatDraft(**{**given.model_dump(), "service": _service(given.service)})
    heartbeat, _key = add_heartbeat(draft=draft, by=admitted.by, now=admitted.now)
    return Status(201, _shown(admitted, heartbeat))


@router.get("/heartbeats/{heartbeat_id}", response=HeartbeatOut)
def get_heartbeat(request: HttpRequest, heartbeat_id: str) -> HeartbeatOut:
    """One heartbeat."""
    admitted = admit(request, READ)
    return _shown(admitted, _find(heartbeat_id))


@router.get("/heartbeats/{heartbeat_id}/pings", response=Page[PingOut])
def list_pings(request: HttpRequest, heartbeat_id: str, window: Query[Window]) -> dict[str, Any]:
    """What its job reported, newest first: the last 1000 reports of the last 90 days."""
    admit(request, READ)
    return paged(_find(heartbeat_id).pings.all(), window=window, order=("-number",), serialize=ping_out)


@router.patch("/heartbeats/{heartbeat_id}", response=HeartbeatOut)
def change_known_heartbeat(request: HttpRequest, heartbeat_id: str, given: HeartbeatChangeIn) -> HeartbeatOut:
    """Change a heartbeat; what is left out stays. Another schedule counts from now on."""
    admitted = admit(request, ADMINISTER)
    known = _find(heartbeat_id)
    draft = given.over(known)
    if "service" in given.model_fields_set:
        draft = HeartbeatDraft(**{**vars(draft), "service": _service(given.service)})
    change_heartbeat(heartbeat_id=known.pk, draft=draft, by=admitted.by, now=admitted.now)
    return _shown(admitted, _find(heartbeat_id))


@router.post("/heartbeats/{heartbeat_id}/pause", response=HeartbeatOut)
def pause(request: HttpRequest, heartbeat_id: str) -> HeartbeatOut:
    """Wait for nothing until it is resumed; its alert is resolved."""
    admitted = admit(request, ADMINISTER)
    pause_heartbeat(heartbeat_id=_find(heartbeat_id).pk, by=admitted.by, now=admitted.now)
    return _shown(admitted, _find(heartbeat_id))


@router.post("/heartbeats/{heartbeat_id}/resume", response=HeartbeatOut)
def resume(request: HttpRequest, heartbeat_id: str) -> HeartbeatOut:
    """Wait for its reports again, from now on."""
    admitted = admit(request, ADMINISTER)
    resume_heartbeat(heartbeat_id=_find(heartbeat_id).pk, by=admitted.by, now=admitted.now)
    return _shown(admitted, _find(heartbeat_id))


@router.post("/heartbeats/{heartbeat_id}/rotate", response=HeartbeatOut)
def rotate(request: HttpRequest, heartbeat_id: str) -> HeartbeatOut:
    """Give it a new address; the old one is refused from now on."""
    admitted = admit(request, ADMINISTER)
    rotate_heartbeat_key(heartbeat_id=_find(heartbeat_id).pk, by=admitted.by, now=admitted.now)
    return _shown(admitted, _find(heartbeat_id))


@router.delete("/heartbeats/{heartbeat_id}", response=HeartbeatOut)
def remove(request: HttpRequest, heartbeat_id: str) -> HeartbeatOut:
    """Take a heartbeat away with its reports, and show it a last time; its alerts are kept."""
    admitted = admit(request, ADMINISTER)
    last = _shown(admitted, _find(heartbeat_id))
    remove_heartbeat(heartbeat_id=int(last.id), by=admitted.by, now=admitted.now)
    return last


def _heartbeats() -> QuerySet[Heartbeat, Heartbeat]:
    return Heartbeat.objects.select_related("integration__service")


def _find(heartbeat_id: str) -> Heartbeat:
    is_number = heartbeat_id.isascii() and heartbeat_id.isdigit() and len(heartbeat_id) <= LONGEST_ID
    found = _heartbeats().filter(pk=int(heartbeat_id)).first() if is_number else None
    if found is None:
        raise NotFound("There is no such heartbeat.")
    return found


def _service(name: str | None) -> Service | None:
    if not name:
        return None
    service = service_named(name)
    if service is None:
        sentence = "There is no such service."
        raise BadInput(sentence, errors={"service": sentence})
    return service


def _shown(admitted: Admitted, heartbeat: Heartbeat) -> HeartbeatOut:
    return heartbeat_out(heartbeat, with_address=may(admitted.person, ADMINISTER))
