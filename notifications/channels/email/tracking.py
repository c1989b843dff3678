"""What a mail provider later says about a mail: delivered, bounced, complained about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from notifications.channels.base import News, NewsKind
from notifications.channels.email import bounces
from notifications.inbound import is_new
from notifications.models import ContactMethod, Delivery
from notifications.operations import delivery_consequences as consequences
from notifications.operations.record_callback import record_callback

KIND: Final = "email"
_NEWS: Final[dict[str, tuple[int, NewsKind]]] = {
    "queued": (1, "progress"),
    "sent": (2, "progress"),
    "deferred": (3, "progress"),
    "delivered": (10, "delivered"),
    "bounced": (20, "failed"),
    "rejected": (20, "failed"),
    "failed": (20, "failed"),
}
"""By django-anymail's word: how far it is, and what it means. Opened and clicked mean nothing: scanners do both."""
_PASSES: Final = frozenset({bounces.PASSES, "timed_out", "other", "blocked"})
"""Reasons that are about this moment, this mail or our standing, not about the address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailEvent:
    """A provider's word about one mail to `recipient`. `delivery_id` and `fence` are 0 where it did not give them back.

    `word` and `reason` are django-anymail's: "bounced", "complained" …; "invalid", "spam" …, or `bounces.PASSES`. `key`
    tells doubles.
    """

    provider: str
    word: str
    recipient: str
    key: str
    ref: str = ""
    reason: str = ""
    detail: str = ""
    delivery_id: int = 0
    fence: int = 0


def record_mail_event(event: MailEvent, *, now: datetime) -> None:
    """Move the delivery that the event is about, and switch an address off that bounces or complains.

    A complaint is the owner's own wish: nothing goes there any more, also where the mail had been delivered.
    """
    delivery = _delivery_of(event)
    if delivery is not None and event.word in _NEWS:
        rank, kind = _NEWS[event.word]
        news = News(
            ref=delivery.provider_ref,
            word=event.word,
            rank=rank,
            kind=kind,
            code=event.reason,
            detail=event.detail or _said(event) if kind == "failed" else event.detail,
        )
        record_callback(
            provider=event.provider,
            delivery_id=delivery.pk,
            fence=event.fence or delivery.fence,
            news=news,
            key=event.key,
            now=now,
        )
    if _is_about_the_address(event):
        _switch_off(event, delivery, now=now)


def _delivery_of(event: MailEvent) -> Delivery | None:
    sent = Delivery.objects.filter(channel=KIND, address__iexact=event.recipient)
    if event.delivery_id:
        return sent.filter(pk=event.delivery_id).first()
    return sent.filter(provider_ref=event.ref[:64]).order_by("-pk").first() if event.ref else None


def _is_about_the_address(event: MailEvent) -> bool:
    if event.word in ("complained", "unsubscribed"):
        return True
    if event.word == "rejected" and not event.reason:  # a sender that nobody believes is rejected in the same words
        return False
    return event.word in ("bounced", "rejected") and event.reason not in _PASSES


def _switch_off(event: MailEvent, delivery: Delivery | None, *, now: datetime) -> None:
    """Switch the address off for everybody who is reached there; the first one is told apart by its delivery.

    Once for each word: its double must not undo that the owner has verified the address anew. A transaction for each
    address, because the ledger's head is the last lock.
    """
    methods = ContactMethod.objects.filter(channel=KIND, address__iexact=event.recipient)
    ids = set(methods.values_list("pk", flat=True))
    if delivery is not None and delivery.contact_method_id:
        ids.add(delivery.contact_method_id)
    for id_ in sorted(ids):
        with transaction.atomic():
            if is_new(event.provider, f"{id_}:{event.key}", now=now):
                consequences.disable_contact_method(id_, reason=_said(event), code=event.reason or event.word, now=now)


def _said(event: MailEvent) -> str:
    words = {
        "complained": "The owner marked a mail as spam: nothing is sent there any more.",
        "unsubscribed": "The owner unsubscribed at the mail provider: nothing is sent there any more.",
        "rejected": "The mail provider sends nothing there any more.",
        "bounced": "Mail to it comes back.",
    }
    return " ".join(filter(None, (words.get(event.word, "The mail was not delivered."), event.detail)))[:280]
