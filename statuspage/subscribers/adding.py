"""A subscriber whom staff add: asked to confirm, or active at once on a person's word."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actor import Actor
from ledger.operations.append import append
from statuspage.models import StatusPage, Subscriber
from statuspage.subscribers.addresses import clean_address
from statuspage.subscribers.asking import clean_contact
from statuspage.subscribers.sign_up import sign_up
from statuspage.subscribers.subscriptions import may_be_reached
from statuspage.subscribers.wishes import Wishes, apply
from web.errors import IllegalMove


def add_subscriber(
    *,
    page: StatusPage,
    channel: str,
    address: str,
    wishes: Wishes,
    by: Actor,
    now: datetime,
    contact: str = "",
    vouched: bool = False,
) -> Subscriber:
    """Add a subscriber, who is asked to confirm; `vouched`: they agreed elsewhere and are active at once.

    Who ended their subscription is asked, whatever anybody vouches. Raises `BadInput` for an address that can't be
    used, `IllegalMove` for one that is active already. Writes the page's ledger.
    """
    clean = clean_address(channel, address)
    contact = clean_contact(channel, contact) if contact or not vouched else ""
    if channel == Subscriber.Channel.WEBHOOK:
        may_be_reached(clean)
    with transaction.atomic():
        sign_up(page=page, channel=channel, address=clean, contact=contact, wishes=wishes, now=now)
        subscriber = Subscriber.objects.select_for_update(no_key=True).get(page=page, channel=channel, address=clean)
        if subscriber.state == Subscriber.State.ACTIVE:
            raise IllegalMove("This address is subscribed already.")
        if vouched and subscriber.state == Subscriber.State.PENDING:
            subscriber.letters.all().delete()
            subscriber.state, subscriber.confirmed_at = Subscriber.State.ACTIVE, now
            subscriber.save(update_fields=["state", "confirmed_at"])
            apply(subscriber, wishes)
        append(
            subject=page.subject,
            verb="subscriber.added",
            by=by,
            now=now,
            payload={"subscriber": str(subscriber.pk), "channel": channel, "vouched": vouched},
        )
    return subscriber
