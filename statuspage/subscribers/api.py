"""Subscribers in the API: list, add, end, import, bounces, erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from ledger.operations.append import append
from people.api_door import admit
from people.permissions import ADMINISTER, DRAFT_UPDATE
from statuspage.api.finding import page_asked_for, page_named
from statuspage.models import Subscriber
from statuspage.subscribers.adding import add_subscriber
from statuspage.subscribers.csv_files import import_subscribers
from statuspage.subscribers.erasing import SUBJECT, erase
from statuspage.subscribers.listing import subscribers_listed
from statuspage.subscribers.quarantine import note_bounces
from statuspage.subscribers.subscriptions import end, reactivate
from statuspage.subscribers.wishes import read_wishes
from web.api import Page, Query, Router, Schema, Status, Window, paged
from web.api.fields import Given, Name

router = Router(tags=["status page"])
MOST_TEXT = 2_000_000
"""Characters of a file in one call; larger ones go through the screen."""


class SubscribersAsked(Window):
    """Which subscribers."""

    page: Name = Field("", description="A page's id or slug; empty for all pages.")
    state: Name = Field("", description="pending, active, quarantined or ended.")
    channel: Name = Field("", description="email, sms or webhook.")
    q: Name = Field("", description="Part of an address.")


class SubscriberIn(Given):
    """Somebody to be told. They confirm by themselves unless you vouch that they agreed."""

    page: Name = Field("", description="A page's id or slug; empty for the page at the root.")
    channel: Name = "email"
    address: str = Field(max_length=600)
    contact: Name = Field("", description="A webhook's mail address.")
    language: Name = ""
    minimum_impact: Name = Field("", description="none, minor, major or critical.")
    components: list[Name] | None = Field(None, description="Ids; null for all.")
    vouched: bool = Field(False, description="They agreed elsewhere: active at once, nobody is asked.")


class SubscribersFileIn(Given):
    """A CSV file with a head; docs/subscribers.md names the columns."""

    page: Name = ""
    csv: str = Field(max_length=MOST_TEXT)


class ImportedOut(Schema):
    """What a file did."""

    added: int
    changed: int
    left: int


class BouncesIn(Given):
    """Mail addresses that your mail server got back as gone."""

    addresses: list[Name] = Field(max_length=10_000)


class BouncedOut(Schema):
    """How many subscriptions were put into quarantine."""

    quarantined: int


class ErasureIn(Given):
    """The address that is to be forgotten, on every page."""

    address: str = Field(max_length=600)


class ErasedOut(Schema):
    """How many subscriptions were deleted."""

    subscriptions: int


class SubscriberOut(Schema):
    """A subscriber. `components` null: all of them."""

    id: str
    page_id: str
    channel: str
    address: str
    state: str
    language: str
    minimum_impact: str
    components: list[str] | None
    failures: int
    confirmed_at: datetime | None
    quarantined_at: datetime | None
    ended_at: datetime | None
    created_at: datetime


def subscriber_out(each: Subscriber) -> SubscriberOut:
    """Return a subscriber as the API shows it."""
    chosen = None if each.all_components else sorted(component.pk for component in each.components.all())
    return SubscriberOut(
        id=str(each.pk),
        page_id=each.page_id,
        channel=each.channel,
        address=each.address,
        state=each.state,
        language=each.language,
        minimum_impact=each.minimum_impact,
        components=chosen,
        failures=each.failures,
        confirmed_at=each.confirmed_at,
        quarantined_at=each.quarantined_at,
        ended_at=each.ended_at,
        created_at=each.created_at,
    )


@router.get("/status/subscribers", response=Page[SubscriberOut])
def list_subscribers(request: HttpRequest, asked: Query[SubscribersAsked]) -> dict[str, Any]:
    """Subscribers, the newest first."""
    admit(request, DRAFT_UPDATE)
    page_id = page_asked_for(asked.page).pk if asked.page else ""
    found = subscribers_listed(page_id=page_id, words=asked.q, state=asked.state, channel=asked.channel)
    rows = found.prefetch_related("components")
    return paged(rows, window=asked, order=("-created_at", "-id"), serialize=subscriber_out)


@router.post("/status/subscribers", response={201: SubscriberOut})
def add_a_subscriber(request: HttpRequest, given: SubscriberIn) -> Status[SubscriberOut]:
    """Add a subscriber."""
    admitted = admit(request, ADMINISTER)
    page = page_named(given.page)
    wishes = read_wishes(
        page, language=given.language, minimum_impact=given.minimum_impact, components=given.components
    )
    added = add_subscriber(
        page=page,
        channel=given.channel,
        address=given.address,
        contact=given.contact,
        wishes=wishes,
        vouched=given.vouched,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, subscriber_out(added))


@router.post("/status/subscribers/import", response=ImportedOut)
def import_a_file(request: HttpRequest, given: SubscribersFileIn) -> ImportedOut:
    """Add and change many. A file with a wrong line changes nothing; `errors` names each."""
    admitted = admit(request, ADMINISTER)
    done = import_subscribers(page=page_named(given.page), content=given.csv.encode(), by=admitted.by, now=admitted.now)
    return ImportedOut(added=done.added, changed=done.changed, left=done.left)


@router.post("/status/subscribers/bounces", response=BouncedOut)
def take_bounces(request: HttpRequest, given: BouncesIn) -> BouncedOut:
    """Put addresses that your mail server reports as gone into quarantine, on every page."""
    admitted = admit(request, ADMINISTER)
    count = note_bounces(addresses=given.addresses, now=admitted.now)
    append(
        subject=SUBJECT,
        verb="subscribers.bounced",
        by=admitted.by,
        now=admitted.now,
        payload={"reported": len(given.addresses), "quarantined": count},
    )
    return BouncedOut(quarantined=count)


@router.post("/status/subscribers/erase", response=ErasedOut)
def erase_an_address(request: HttpRequest, given: ErasureIn) -> ErasedOut:
    """Forget an address: its subscriptions, letters and notices are deleted on every page."""
    admitted = admit(request, ADMINISTER)
    return ErasedOut(subscriptions=erase(address=given.address, by=admitted.by, now=admitted.now))


@router.delete("/status/subscribers/{subscriber_id}", response=SubscriberOut)
def end_a_subscriber(request: HttpRequest, subscriber_id: UUID) -> SubscriberOut:
    """Send nothing more there. The row stays, so that no file brings it back; to forget it, erase the address."""
    admitted = admit(request, ADMINISTER)
    return subscriber_out(end(subscriber_id=subscriber_id, by=admitted.by, now=admitted.now))


@router.post("/status/subscribers/{subscriber_id}/reactivate", response=SubscriberOut)
def reactivate_a_subscriber(request: HttpRequest, subscriber_id: UUID) -> SubscriberOut:
    """Send to a quarantined subscriber again."""
    admitted = admit(request, ADMINISTER)
    return subscriber_out(reactivate(subscriber_id=subscriber_id, by=admitted.by, now=admitted.now))
