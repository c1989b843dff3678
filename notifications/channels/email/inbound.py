"""Answers that come by mail: whose they are, which page they mean, and what is written back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.by_text.patience import may_be_told_again
from notifications.channels.email.replies import read_reply
from notifications.channels.email.reply_addresses import delivery_named
from notifications.inbound import Asked, answer, asked_by_delivery, is_new
from notifications.models import ContactMethod, Delivery
from notifications.operations.outbox import post
from web.errors import NotFound

KIND: Final = "email"
GOOD_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail that came: `recipients` are all addresses it went to, `key` tells doubles. `automatic`: a program wrote it
    (RFC 3834), and would only answer the answer."""

    provider: str
    key: str
    sender: str
    recipients: tuple[str, ...]
    text: str
    automatic: bool = False


def take_mail(mail: Mail, *, now: datetime) -> str:
    """Do what an answer asks for and return the words written back, "" for none.

    The address it went to names the page; besides, it has to come from an address of that person's which is not
    switched off. Everything else is left alone: whoever writes to us is told nothing.
    """
    delivery_id = delivery_named(mail.recipients, now=now)
    if delivery_id is None or mail.automatic:
        return ""
    try:
        asked = asked_by_delivery(delivery_id, now=now)
    except NotFound:
        return ""
    method = _method_of(asked, mail.sender)
    if method is None:
        return ""
    words = _answered(asked, mail, now=now)
    if not words:
        return ""
    with transaction.atomic():
        # A doubled mail is answered once; after a crash between the two commits its retry still is.
        if not is_new(mail.provider, f"told:{mail.key}", now=now):
            return ""
        _write_back(asked, method, words, now=now)
    return words


def _method_of(asked: Asked, sender: str) -> ContactMethod | None:
    return ContactMethod.objects.filter(
        person=asked.person, channel=KIND, address__iexact=sender, disabled_at=None, opted_out_at=None
    ).first()


def _answered(asked: Asked, mail: Mail, *, now: datetime) -> str:
    verb = read_reply(mail.text)
    with translation.override(asked.person.language):
        if verb in ("acknowledge", "escalate", "decline"):
            said = answer(asked, verb=verb, via="email", provider=mail.provider, key=mail.key, now=now)
            if asked.message.question and verb == "acknowledge":
                return f"{said} {_('It is not approved by that: open the page to decide.')}"
            return said
        with transaction.atomic():
            if not is_new(mail.provider, mail.key, now=now) or not may_be_told_again(mail.sender, now=now):
                return ""
        if verb == "approval":
            return _("Mail proves nothing about who writes it: open the page to decide.")
        return _("Answer with one word: ack to take it, escalate to call the next person, no if you can't.")


def _write_back(asked: Asked, method: ContactMethod, words: str, *, now: datetime) -> None:
    with translation.override(asked.person.language):
        headline = _("Re: %(headline)s") % {"headline": asked.message.headline}
    post(
        [
            Delivery(
                person=asked.person,
                contact_method=method,
                kind=Delivery.Kind.NEWS,
                channel=method.channel,
                address=method.address,
                content={"headline": headline[:200], "sentence": words},
                urgency="low",
                severity=4,
                not_before=now,
                created_at=now,
                expires_at=now + GOOD_FOR,
            )
        ]
    )
