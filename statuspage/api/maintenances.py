"""Scheduled maintenance in the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from people.api_door import Admitted, admit
from people.models import Person
from people.permissions import DRAFT_UPDATE, READ
from statuspage.api.answers import maintenance_out, update_out, whole
from statuspage.api.finding import page_named, servers_given
from statuspage.api.given import (
    CancelIn,
    IncidentsAsked,
    MaintenanceChangeIn,
    MaintenanceIn,
    RescheduleIn,
    UpdateIn,
)
from statuspage.api.incidents import add_update, listed
from statuspage.api.shown import MaintenanceOut, UpdateOut
from statuspage.doors import access_update, visible_public_incidents
from statuspage.models import PublicIncident, StatusUpdate
from statuspage.operations.maintenance import cancel, change_maintenance, draft_maintenance, reschedule
from web.api import Page, Query, Router, Status, paged
from web.errors import NotFound

router = Router(tags=["status page"])
KIND = PublicIncident.Kind.MAINTENANCE


@router.get("/status/maintenances", response=Page[MaintenanceOut])
def list_maintenances(request: HttpRequest, asked: Query[IncidentsAsked]) -> dict[str, Any]:
    """Maintenance, newest first, drafts included."""
    reader = admit(request, READ).person
    return paged(
        listed(reader, asked, KIND),
        window=asked,
        order=("-created_at", "id"),
        serialize=maintenance_out,
    )


@router.post("/status/maintenances", response={201: MaintenanceOut})
def draft_scheduled_maintenance(request: HttpRequest, given: MaintenanceIn) -> Status[MaintenanceOut]:
    """Draft a maintenance with its first update; customers read it once that is approved and published."""
    admitted = admit(request, DRAFT_UPDATE)
    page = page_named(given.page)
    update = draft_maintenance(
        page=page,
        name=given.name,
        names=given.names,
        texts=given.by_language(page.language),
        components=given.components,
        scheduled_for=given.scheduled_for,
        scheduled_until=given.scheduled_until,
        remind_before_s=given.remind_before_s,
        auto_start=given.auto_start,
        auto_end=given.auto_end,
        mutes_alerts=given.mutes_alerts,
        servers=servers_given(page, given.servers),
        deliver=given.deliver,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, _maintenance(admitted.person, update.public_incident_id))


@router.get("/status/maintenances/{maintenance_id}", response=MaintenanceOut)
def get_maintenance(request: HttpRequest, maintenance_id: str) -> MaintenanceOut:
    """One maintenance, with everything said and drafted."""
    return _maintenance(admit(request, READ).person, maintenance_id)


@router.patch("/status/maintenances/{maintenance_id}", response=MaintenanceOut)
def change_scheduled_maintenance(
    request: HttpRequest, maintenance_id: str, given: MaintenanceChangeIn
) -> MaintenanceOut:
    """Change what Muster does for it by itself; what is left out stays."""
    admitted = admit(request, DRAFT_UPDATE)
    public = _found(admitted.person, maintenance_id)
    named = given.model_fields_set
    change_maintenance(
        public_incident=public,
        remind_before_s=given.remind_before_s if "remind_before_s" in named else public.remind_before_s,
        auto_start=public.auto_start if given.auto_start is None else given.auto_start,
        auto_end=public.auto_end if given.auto_end is None else given.auto_end,
        mutes_alerts=public.mutes_alerts if given.mutes_alerts is None else given.mutes_alerts,
        by=admitted.by,
        now=admitted.now,
    )
    return _maintenance(admitted.person, maintenance_id)


@router.post("/status/maintenances/{maintenance_id}/updates", response={201: UpdateOut})
def draft_maintenance_update(request: HttpRequest, maintenance_id: str, given: UpdateIn) -> Status[UpdateOut]:
    """Draft a further update: `in_progress` starts it early, `completed` ends it, once published."""
    admitted = admit(request, DRAFT_UPDATE)
    return Status(201, add_update(admitted, maintenance_id, given, KIND))


@router.post("/status/maintenances/{maintenance_id}/reschedule", response={201: UpdateOut})
def reschedule_maintenance(request: HttpRequest, maintenance_id: str, given: RescheduleIn) -> Status[UpdateOut]:
    """Draft other times; they hold once that update is published."""
    admitted = admit(request, DRAFT_UPDATE)
    public = _found(admitted.person, maintenance_id)
    update = reschedule(
        public_incident=public,
        scheduled_for=given.scheduled_for,
        scheduled_until=given.scheduled_until,
        texts=_texts(public, given),
        deliver=given.deliver,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, _update(admitted, update))


@router.post("/status/maintenances/{maintenance_id}/cancel", response={201: UpdateOut})
def cancel_maintenance(request: HttpRequest, maintenance_id: str, given: CancelIn) -> Status[UpdateOut]:
    """Draft the word that it does not take place; published, no component was touched."""
    admitted = admit(request, DRAFT_UPDATE)
    public = _found(admitted.person, maintenance_id)
    update = cancel(
        public_incident=public,
        texts=_texts(public, given),
        deliver=given.deliver,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, _update(admitted, update))


def _found(reader: Person, maintenance_id: str) -> PublicIncident:
    found = whole(visible_public_incidents(reader).filter(kind=KIND, pk=maintenance_id), reader).first()
    if found is None:
        raise NotFound("There is no such maintenance.")
    return found


def _maintenance(reader: Person, maintenance_id: str) -> MaintenanceOut:
    return maintenance_out(_found(reader, maintenance_id))


def _update(admitted: Admitted, update: StatusUpdate) -> UpdateOut:
    return update_out(access_update(admitted.person, update.pk))


def _texts(public: PublicIncident, given: RescheduleIn | CancelIn) -> dict[str, str]:
    return {public.page.language: given.text, **given.texts} if given.text else dict(given.texts)
