"""What every way in has in common: whose answer it is, which page it means, and that a double changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db import connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.answers import Answer
from notifications.channels.base import Message
from notifications.messages import compose
from notifications.models import ContactMethod, Delivery, Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.claimed import Claimed
from notifications.operations.decline import decline
from notifications.operations.escalate import escalate
from people.actors import actor_for
from people.models import Person
from web.errors import NotFound, Refusal

PageVerb = Literal["acknowledge", "escalate", "decline"]
ANSWERABLE_FOR: Final = timedelta(hours=24)
"""A bare answer means nothing that was sent longer ago."""

NEVER_LEFT: Final = Q(sent_at=None, provider_ref="", repeated=False) & ~Q(state=Delivery.State.SENDING)
"""What waits, was withdrawn in time or was refused: nobody has seen it, so a bare answer does not mean it. What may
have gone out counts (its retry is "repeated")."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A message that somebody answers: the person, its page, and its words. `verified`: they have proved that what it
    went to is theirs, and nothing has been said against it since."""

    delivery_id: int
    person: Person
    page: Page
    message: Message
    verified: bool = False


def is_new(provider: str, key: str, *, now: datetime) -> bool:
    """Note that a request with this key came, in the caller's transaction; False when it came before.

    Of two at the same moment one waits for the other's commit and then is told False.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_inboundreceipt (provider, key, at) VALUES (%s, %s, %s)"
            " ON CONFLICT (provider, key) DO NOTHING",
            [provider, key[:200], now],
        )
        return bool(cursor.rowcount == 1)


def asked_by_delivery(delivery_id: int, *, now: datetime) -> Asked:
    """Return what a signed link or call is about; raise `NotFound` when the delivery or its page is gone, or the
    person left: nobody would have what they acknowledge.
    """
    delivery = Delivery.objects.select_related("person", "page", "contact_method").filter(pk=delivery_id).first()
    if delivery is None or delivery.page is None or not delivery.person.is_active:
        raise NotFound("What this was about is no longer here. Sign in to see what waits for you.")
    return _asked(delivery, delivery.page, now=now)


def asked_by_number(number: str, *, channels: Sequence[str], now: datetime, code: str = "") -> Asked | None:
    """Return the page that the owner of `number` means: the one with this code, else the one that last went there.

    None for numbers that belong to nobody or are switched off, and when nothing went there within a day.
    """
    owners = ContactMethod.objects.filter(
        channel__in=channels, address=number, disabled_at=None, opted_out_at=None, person__is_active=True
    ).values_list("person_id", flat=True)
    sent = Delivery.objects.select_related("person", "page", "contact_method").filter(
        address=number,
        person__in=list(owners),
        page__isnull=False,
        kind__in=(Delivery.Kind.PAGE, Delivery.Kind.REMINDER),
        created_at__gte=now - ANSWERABLE_FOR,
    )
    sent = sent.filter(page__code=code) if code else sent.exclude(NEVER_LEFT)
    # A code is taken again once its page has ended, so open pages come first.
    candidates = sent.order_by("-id")[:20]
    delivery = max(candidates, key=lambda each: (bool(code) and _is_open(each), each.pk), default=None)
    if delivery is None or delivery.page is None:
        return None
    return _asked(delivery, delivery.page, now=now)


def answer(asked: Asked, *, verb: PageVerb, via: str, provider: str, key: str, now: datetime) -> str:
    """Do `verb` for the person who was asked and return the sentence that confirms it.

    The receipt of the request and what it does are one commit: a retried request finds both or neither. Escalating
    twice would call two levels, so a double only hears that it was taken. A refusal is a sentence too.
    """
    by = actor_for(asked.person, via=via)
    page_id, person = asked.page.pk, asked.person
    with translation.override(person.language), transaction.atomic():
        if not is_new(provider, key, now=now):
            return _("Your answer has been taken already.")
        try:
            with transaction.atomic():
                done: Answer
                match verb:
                    case "acknowledge":
                        done = acknowledge(page_id=page_id, person=person, by=by, via=via, now=now)
                    case "escalate":
                        done = escalate(page_id=page_id, person=person, by=by, via=via, now=now)
                    case "decline":
                        done = decline(page_id=page_id, person=person, by=by, via=via, now=now)
                return done.sentence
        except Refusal as refusal:
            return refusal.sentence


def _is_open(delivery: Delivery) -> bool:
    return delivery.page is not None and delivery.page.is_open


def _asked(delivery: Delivery, page: Page, *, now: datetime) -> Asked:
    person = delivery.person
    claimed = Claimed(
        id=delivery.pk,
        fence=delivery.fence,
        tries=delivery.tries,
        state=delivery.state,
        kind=delivery.kind,
        channel=delivery.channel,
        provider=delivery.provider,
        address=delivery.address,
        content=delivery.content,
        urgency=delivery.urgency,
        severity=delivery.severity,
        repeated=delivery.repeated,
        expires_at=delivery.expires_at,
        contact_method_id=delivery.contact_method_id,
        secret="",
        person_id=person.pk,
        person_name=person.name,
        language=person.language,
        page_id=page.pk,
        page_subject=page.subject,
        page_title=page.title,
        page_code=page.code,
        page_state=page.state,
        at=now,
    )
    method = delivery.contact_method
    return Asked(
        delivery_id=delivery.pk,
        person=person,
        page=page,
        message=compose(claimed),
        verified=method is not None and method.usable and method.verified_at is not None,
    )
