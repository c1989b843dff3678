"""Public incidents and their updates in the API: draft, read, approve, publish."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from incidents.queries import access_incident
from people.api_door import Admitted, admit
from people.models import Person
from people.permissions import APPROVE_UPDATE, DRAFT_UPDATE, READ
from statuspage.api.answers import incident_out, override_out, update_out, whole
from statuspage.api.finding import page_asked_for, page_named, servers_given
from statuspage.api.given import ApproveIn, IncidentIn, IncidentsAsked, OverrideIn, PublishIn, UpdateChangeIn, UpdateIn
from statuspage.api.shown import OverrideOut, PublicIncidentOut, UpdateOut
from statuspage.doors import access_public_incident, access_update, visible_public_incidents
from statuspage.models import PublicIncident, StatusUpdate
from statuspage.operations.approve_update import approve_update
from statuspage.operations.draft_update import draft_incident, draft_update
from statuspage.operations.edit_draft import Keep, discard_draft, edit_draft
from statuspage.operations.open_override import open_override
from statuspage.operations.publish_update import publish_update
from statuspage.rules.stages import ENDED
from web.api import Page, Query, Router, Status, paged
from web.errors import NotFound

router = Router(tags=["status page"])


@router.get("/status/incidents", response=Page[PublicIncidentOut])
def list_public_incidents(request: HttpRequest, asked: Query[IncidentsAsked]) -> dict[str, Any]:
    """What customers are told of, newest first, drafts included."""
    reader = admit(request, READ).person
    found = listed(reader, asked, PublicIncident.Kind.INCIDENT)
    return paged(
        found,
        window=asked,
        order=("-created_at", "id"),
        serialize=incident_out,
    )


@router.post("/status/incidents", response={201: PublicIncidentOut})
def draft_public_incident(request: HttpRequest, given: IncidentIn) -> Status[PublicIncidentOut]:
    """Draft a public incident with its first update; customers read it once that is approved and published."""
    admitted = admit(request, DRAFT_UPDATE)
    page = page_named(given.page)
    update = draft_incident(
        page=page,
        name=given.name,
        names=given.names,
        stage=given.stage,
        texts=given.by_language(page.language),
        components=given.components,
        servers=servers_given(page, given.servers),
        incident=access_incident(admitted.person, given.incident) if given.incident else None,
        deliver=given.deliver,
        next_update_at=given.next_update_at,
        started_at=given.started_at,
        impact_override=given.impact,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, _incident(admitted.person, update.public_incident_id))


@router.get("/status/incidents/{public_incident_id}", response=PublicIncidentOut)
def get_public_incident(request: HttpRequest, public_incident_id: str) -> PublicIncidentOut:
    """One public incident, with everything said and drafted."""
    return _incident(admit(request, READ).person, public_incident_id)


@router.post("/status/incidents/{public_incident_id}/updates", response={201: UpdateOut})
def draft_further_update(request: HttpRequest, public_incident_id: str, given: UpdateIn) -> Status[UpdateOut]:
    """Draft a further update."""
    admitted = admit(request, DRAFT_UPDATE)
    return Status(201, add_update(admitted, public_incident_id, given, PublicIncident.Kind.INCIDENT))


@router.get("/status/updates/{update_id}", response=UpdateOut)
def get_update(request: HttpRequest, update_id: str) -> UpdateOut:
    """One update; its `digest` is what to name when approving it."""
    return update_out(access_update(admit(request, READ).person, update_id))


@router.patch("/status/updates/{update_id}", response=UpdateOut)
def change_update(request: HttpRequest, update_id: str, given: UpdateChangeIn) -> UpdateOut:
    """Change a draft; what is left out stays, and an approval is void."""
    admitted = admit(request, DRAFT_UPDATE)
    update = access_update(admitted.person, update_id)
    page = update.public_incident.page
    edit_draft(
        update=update,
        stage=given.stage,
        texts=_texts(update, given),
        components=given.components,
        deliver=given.deliver,
        next_update_at=given.next_update_at if "next_update_at" in given.model_fields_set else Keep.KEEP,
        name=given.name,
        names=given.names,
        servers=None if given.servers is None else servers_given(page, given.servers),
        by=admitted.by,
        now=admitted.now,
    )
    return update_out(access_update(admitted.person, update_id))


@router.delete("/status/updates/{update_id}", response=UpdateOut)
def discard_update(request: HttpRequest, update_id: str) -> UpdateOut:
    """Discard a draft; a public incident that has no other goes with it."""
    admitted = admit(request, DRAFT_UPDATE)
    discard_draft(update=access_update(admitted.person, update_id), by=admitted.by, now=admitted.now)
    return update_out(access_update(admitted.person, update_id))


@router.post("/status/updates/{update_id}/approve", response=UpdateOut)
def approve(request: HttpRequest, update_id: str, given: ApproveIn) -> UpdateOut:
    """Be the second person; `digest` is that of what you have read."""
    admitted = admit(request, APPROVE_UPDATE)
    update = access_update(admitted.person, update_id)
    approve_update(update=update, digest=given.digest, person=admitted.person, by=admitted.by, now=admitted.now)
    return update_out(access_update(admitted.person, update_id))


@router.post("/status/updates/{update_id}/publish", response=UpdateOut)
def publish(request: HttpRequest, update_id: str, given: PublishIn | None = None) -> UpdateOut:
    """Let customers read it: files, feeds and subscribers follow at once."""
    admitted = admit(request, APPROVE_UPDATE)
    publish_update(
        update=access_update(admitted.person, update_id),
        person=admitted.person,
        override_reason=given.override_reason if given else "",
        by=admitted.by,
        now=admitted.now,
    )
    return update_out(access_update(admitted.person, update_id))


@router.post("/status/overrides", response={201: OverrideOut})
def open_emergency_override(request: HttpRequest, given: OverrideIn) -> Status[OverrideOut]:
    """Publish alone for up to 60 minutes, because nobody else can approve; everybody sees it."""
    admitted = admit(request, APPROVE_UPDATE)
    override = open_override(
        person=admitted.person, reason=given.reason, minutes=given.minutes, by=admitted.by, now=admitted.now
    )
    return Status(201, override_out(override))


def listed(reader: Person, asked: IncidentsAsked, kind: str) -> QuerySet[PublicIncident, PublicIncident]:
    """Return the public incidents or maintenance that were asked for, with all that is shown of them."""
    found = visible_public_incidents(reader).filter(kind=kind)
    if asked.page:
        found = found.filter(page=page_asked_for(asked.page))
    if asked.status == "open":
        found = found.filter(published_at__isnull=False).exclude(status__in=ENDED)
    elif asked.status == "draft":
        found = found.filter(published_at=None, discarded_at=None)
    elif asked.status:
        found = found.filter(published_at__isnull=False, status=asked.status)
    return whole(found, reader)


def add_update(admitted: Admitted, public_incident_id: str, given: UpdateIn, kind: str) -> UpdateOut:
    """Draft a further update of a public incident or maintenance."""
    public = access_public_incident(admitted.person, public_incident_id)
    if public.kind != kind:
        raise NotFound("There is no such public incident.")
    update = draft_update(
        public_incident=public,
        stage=given.stage,
        texts=given.by_language(public.page.language),
        components=given.components,
        deliver=given.deliver,
        next_update_at=given.next_update_at,
        by=admitted.by,
        now=admitted.now,
    )
    return update_out(access_update(admitted.person, update.pk))


def _incident(reader: Person, public_incident_id: str) -> PublicIncidentOut:
    found = visible_public_incidents(reader).filter(kind=PublicIncident.Kind.INCIDENT, pk=public_incident_id)
    public = whole(found, reader).first()
    if public is None:
        raise NotFound("There is no such public incident.")
    return incident_out(public)


def _texts(update: StatusUpdate, given: UpdateChangeIn) -> dict[str, str] | None:
    """Return the texts that a change leads to, None when it names none; `text` alone changes only that language."""
    own = update.public_incident.page.language
    if given.texts is not None:
        return {**given.texts, own: given.text} if given.text is not None else dict(given.texts)
    return {**update.texts, own: given.text} if given.text is not None else None
