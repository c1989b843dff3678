"""What holders of a link, and staff, do to one subscription: confirm, change, end, reactivate."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.operations.append import append
from notifications.channels.base import ChannelFailure
from notifications.outbound import resolve
from statuspage.models import Letter, Notice, Subscriber
from statuspage.subscribers.sign_up import SECRET_BYTES
from statuspage.subscribers.wishes import Wishes, apply
from web.errors import BadInput, IllegalMove, NotFound

OWNER: Final = Actor(kind="provider", id="", name="The subscriber", via="link")


def confirm(*, letter_id: int, now: datetime) -> Subscriber:
    """Do what the letter asked for: the subscription is active from now on, with these wishes. Repeatable.

    Locks the subscriber. Raises `NotFound` when it was erased, `IllegalMove` when a newer request took the letter's
    place or the subscription ended after it.
    """
    letter = Letter.objects.filter(pk=letter_id, kind=Letter.Kind.SIGN_UP).exclude(subscriber=None).first()
    if letter is None or letter.subscriber_id is None:
        raise NotFound(_("What this was about is no longer here. Sign up again on the status page."))
    subscriber = _locked(letter.subscriber_id)
    if subscriber.ended_at and subscriber.ended_at > letter.created_at:
        raise IllegalMove(_("This subscription was ended. Sign up again on the status page."))
    if subscriber.confirmed_at and subscriber.confirmed_at > letter.created_at:
        return subscriber
    contact = str(letter.choices.get("contact", ""))
    if subscriber.channel == Subscriber.Channel.WEBHOOK:
        if subscriber.state == Subscriber.State.ACTIVE and contact != subscriber.contact:
            raise IllegalMove(_("This address is taken. Ask whoever set it up."))
        may_be_reached(subscriber.address)
        if contact != subscriber.contact:
            subscriber.contact, subscriber.secret = contact, secrets.token_urlsafe(SECRET_BYTES)
    subscriber.state = Subscriber.State.ACTIVE
    subscriber.confirmed_at = now
    subscriber.ended_at = subscriber.quarantined_at = None
    subscriber.failures = 0
    subscriber.save()
    apply(subscriber, Wishes.of_letter(letter.choices))
    return subscriber


def may_be_reached(url: str) -> None:
    """Raise `BadInput` when a webhook's name leads into a private network or nowhere."""
    try:
        resolve(url)
    except ChannelFailure as failure:
        raise BadInput(failure.detail, errors={"address": failure.detail}) from None


def change(*, subscriber_id: UUID, wishes: Wishes) -> Subscriber:
    """Let an active subscription be about something else. Locks the subscriber."""
    subscriber = _locked(subscriber_id)
    if subscriber.state not in (Subscriber.State.ACTIVE, Subscriber.State.QUARANTINED):
        raise IllegalMove(_("This subscription was ended. Sign up again on the status page."))
    apply(subscriber, wishes)
    return subscriber


def end(*, subscriber_id: UUID, now: datetime, by: Actor = OWNER) -> Subscriber:
    """Send nothing more: what waits to be sent is withdrawn. Repeatable. Locks the subscriber.

    What staff do is in the page's chain of the ledger; what subscribers do themselves is their own row's state, so
    that thousands who leave at once wait for nobody.
    """
    subscriber = _locked(subscriber_id)
    if subscriber.state != Subscriber.State.ENDED:
        subscriber.state, subscriber.ended_at = Subscriber.State.ENDED, now
        subscriber.save(update_fields=["state", "ended_at"])
        Notice.objects.filter(subscriber=subscriber, state=Notice.State.PENDING).delete()
        _record(subscriber, verb="subscriber.ended", by=by, now=now)
    return subscriber


def reactivate(*, subscriber_id: UUID, by: Actor, now: datetime) -> Subscriber:
    """Send to a quarantined address again, on a person's word that it works. Locks the subscriber."""
    subscriber = _locked(subscriber_id)
    if subscriber.state == Subscriber.State.ACTIVE:
        return subscriber
    if subscriber.state != Subscriber.State.QUARANTINED:
        raise IllegalMove(_("Only a quarantined subscriber can be reactivated; others confirm by themselves."))
    subscriber.state = Subscriber.State.ACTIVE
    subscriber.quarantined_at, subscriber.failures = None, 0
    subscriber.save(update_fields=["state", "quarantined_at", "failures"])
    _record(subscriber, verb="subscriber.reactivated", by=by, now=now)
    return subscriber


def _locked(subscriber_id: UUID) -> Subscriber:
    found = (
        Subscriber.objects.select_for_update(no_key=True, of=("self",))
        .select_related("page")
        .filter(pk=subscriber_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such subscription any more."))
    return found


def _record(subscriber: Subscriber, *, verb: str, by: Actor, now: datetime) -> None:
    if by.kind != OWNER.kind:
        payload: dict[str, str] = {"subscriber": str(subscriber.pk), "channel": subscriber.channel}
        append(subject=subscriber.page.subject, verb=verb, by=by, now=now, payload=dict(payload))
