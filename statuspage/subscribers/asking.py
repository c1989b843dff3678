"""What the form and the JSON address have in common: how often somebody may ask, and the one way to ask."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from statuspage.models import StatusPage, Subscriber
from statuspage.public_forms import Limits, count_use
from statuspage.subscribers.addresses import clean_email
from statuspage.subscribers.sign_up import ask_to_end, sign_up
from statuspage.subscribers.wishes import Wishes
from web.errors import BadInput, NotFound

FORM: Final = "subscribe"
FORM_LIMITS: Final = Limits(per_key=10, per_place=60, overall=50_000)
"""Uses of the form in an hour. An office behind one address may sign up in a bad hour; a program that tries addresses
gets sixty."""
LETTER: Final = "letter"
TEXT: Final = "text"
LETTER_LIMITS: Final = Limits(per_key=3, per_place=30, overall=10_000)
"""Letters asked for in an hour: nobody's mailbox is filled from our form, and no mail server takes us for spammers."""
TEXT_LIMITS: Final = Limits(per_key=2, per_place=5, overall=500)
"""Texts cost money, and numbers that earn by being texted exist."""


def need_subscribers(page: StatusPage) -> None:
    """Raise `NotFound` for a page without subscribers."""
    if not page.takes_subscribers:
        raise NotFound(_("This page takes no subscribers."))


def clean_contact(channel: str, contact: str) -> str:
    """Return the mail address of a webhook's owner, "" for other channels; raise `BadInput` for the field "contact"."""
    if channel != Subscriber.Channel.WEBHOOK:
        return ""
    try:
        return clean_email(contact)
    except BadInput:
        sentence = _("Give an e-mail address too: we confirm there, and write when your webhook fails.")
        raise BadInput(sentence, errors={"contact": sentence}) from None


def ask(
    *, page: StatusPage, channel: str, address: str, contact: str, wishes: Wishes, place: str, now: datetime
) -> None:
    """Write the owner of a clean address one letter about what was asked for. Outside a transaction.

    Known and unknown addresses cost the same and are limited alike. Raises `TooOften`.
    """
    _count(page=page, channel=channel, address=address, place=place, now=now)
    with transaction.atomic():
        sign_up(page=page, channel=channel, address=address, contact=contact, wishes=wishes, now=now)


def ask_for_the_end(*, page: StatusPage, channel: str, address: str, place: str, now: datetime) -> None:
    """Write the owner of an address the link that ends their subscription. As `ask`."""
    _count(page=page, channel=channel, address=address, place=place, now=now)
    with transaction.atomic():
        ask_to_end(page=page, channel=channel, address=address, now=now)


def _count(*, page: StatusPage, channel: str, address: str, place: str, now: datetime) -> None:
    text = channel == Subscriber.Channel.SMS
    count_use(
        purpose=TEXT if text else LETTER,
        page_id=page.pk,
        limits=TEXT_LIMITS if text else LETTER_LIMITS,
        place=place,
        key=f"{channel}:{address}",
        now=now,
    )
