"""Plain typed builders for the status page: Harbor Hosting's page, its components, what customers are told."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from incidents.models import Incident
from ledger.actor import Actor
from people.models import Person
from statuspage.models import (
    Component,
    ComponentGroup,
    PublicIncident,
    StatusPage,
    StatusUpdate,
)
from statuspage.operations.approve_update import approve_update
from statuspage.operations.components import save_component, save_group
from statuspage.operations.contents import digest_of
from statuspage.operations.draft_update import draft_incident, draft_update
from statuspage.operations.maintenance import draft_maintenance
from statuspage.operations.publish_update import publish_update
from tests.builders import NOW, by, make_person

_numbers = itertools.count(1)


def make_page(name: str = "Harbor Hosting", *, now: datetime = NOW, **fields: Any) -> StatusPage:
    """Make a status page; the public one at the root unless a slug says otherwise."""
    return StatusPage.objects.create(
        name=name, created_at=now - timedelta(days=365), updated_at=now, **{"time_zone": "Europe/Berlin", **fields}
    )


def make_group(page: StatusPage, name: str = "Hosting", *, now: datetime = NOW) -> ComponentGroup:
    """Make a group of components."""
    with transaction.atomic():
        return save_group(page=page, name=name, by=Actor.system(), now=now)


def make_component(
    page: StatusPage, name: str = "Web hosting", *, now: datetime = NOW, age_days: int = 365, **fields: Any
) -> Component:
    """Make an operational component that exists since `age_days`; other fields are those of `save_component`."""
    with transaction.atomic():
        made = save_component(page=page, name=name, by=Actor.system(), now=now, **fields)
    created = now - timedelta(days=age_days)
    Component.objects.filter(pk=made.pk).update(created_at=created, updated_at=created)
    made.refresh_from_db()
    return made


def draft(
    page: StatusPage,
    text: str = "Some websites do not answer. We are looking into it.",
    *,
    name: str = "Websites do not answer",
    components: Mapping[Component, str] | None = None,
    drafted_by: Person | Actor | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> StatusUpdate:
    """Draft a public incident by its operation; the text in the page's own language."""
    with transaction.atomic():
        return draft_incident(
            page=page,
            name=name,
            texts={page.language: text, **fields.pop("texts", {})},
            components={component.pk: status for component, status in (components or {}).items()},
            by=_actor(drafted_by),
            now=now,
            **fields,
        )


def draft_more(
    public_incident: PublicIncident,
    stage: str = "identified",
    text: str = "A disk array failed; we are replacing it.",
    *,
    components: Mapping[Component, str] | None = None,
    drafted_by: Person | Actor | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> StatusUpdate:
    """Draft a further update by its operation."""
    with transaction.atomic():
        return draft_update(
            public_incident=public_incident,
            stage=stage,
            texts={public_incident.page.language: text, **fields.pop("texts", {})},
            components={component.pk: status for component, status in (components or {}).items()},
            by=_actor(drafted_by),
            now=now,
            **fields,
        )


def approve(update: StatusUpdate, person: Person | None = None, *, now: datetime = NOW) -> StatusUpdate:
    """Let somebody else approve what the draft says now."""
    person = person or make_person(f"Approver {next(_numbers)}")
    with transaction.atomic():
        fresh = StatusUpdate.objects.select_related("public_incident").get(pk=update.pk)
        return approve_update(update=fresh, digest=digest_of(fresh), person=person, by=by(person), now=now)


def publish(update: StatusUpdate, person: Person | None = None, *, now: datetime = NOW) -> StatusUpdate:
    """Approve and publish an update by its operations."""
    person = person or make_person(f"Approver {next(_numbers)}")
    approve(update, person, now=now)
    with transaction.atomic():
        return publish_update(update=update, person=person, by=by(person), now=now)


def let_out(update: StatusUpdate, person: Person | None, *, now: datetime = NOW, **given: Any) -> StatusUpdate:
    """Publish an update as it stands, without approving it before."""
    with transaction.atomic():
        actor = by(person) if person else Actor.system()
        return publish_update(update=update, person=person, by=actor, now=now, **given)


def make_public_incident(
    page: StatusPage,
    text: str = "Some websites do not answer. We are looking into it.",
    *,
    components: Mapping[Component, str] | None = None,
    incident: Incident | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> PublicIncident:
    """Make a published public incident with its first update."""
    update = publish(draft(page, text, components=components, incident=incident, now=now, **fields), now=now)
    return PublicIncident.objects.select_related("page").get(pk=update.public_incident_id)


def say(
    public_incident: PublicIncident,
    stage: str = "identified",
    text: str = "A disk array failed; we are replacing it.",
    *,
    components: Mapping[Component, str] | None = None,
    now: datetime = NOW,
    **fields: Any,
) -> StatusUpdate:
    """Draft, approve and publish a further update."""
    return publish(draft_more(public_incident, stage, text, components=components, now=now, **fields), now=now)


def make_maintenance(
    page: StatusPage,
    *,
    components: Mapping[Component, str] | None = None,
    starts_in: timedelta = timedelta(hours=2),
    lasts: timedelta = timedelta(hours=1),
    name: str = "Database servers move",
    text: str = "We move the database servers to new racks.",
    published: bool = True,
    now: datetime = NOW,
    **fields: Any,
) -> PublicIncident:
    """Make a maintenance, published unless a test says otherwise."""
    with transaction.atomic():
        update = draft_maintenance(
            page=page,
            name=name,
            texts={page.language: text},
            components={component.pk: status for component, status in (components or {}).items()},
            scheduled_for=now + starts_in,
            scheduled_until=now + starts_in + lasts,
            by=Actor.system(),
            now=now,
            **fields,
        )
    if published:
        publish(update, now=now)
    return PublicIncident.objects.select_related("page").get(pk=update.public_incident_id)


def _actor(drafted_by: Person | Actor | None) -> Actor:
    return by(drafted_by) if isinstance(drafted_by, Person) else drafted_by or Actor.system()
