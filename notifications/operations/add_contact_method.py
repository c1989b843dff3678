"""Add a way to reach somebody."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from ledger.actor import Actor
from notifications.channels.registry import UnknownChannel, channel
from notifications.models import ContactMethod, ContactRule, Urgency
from notifications.operations.contact_record import record_contact
from people.models import Person
from web.errors import BadInput

MOST: Final = 20
"""Contact methods of one person: more is a mistake, and a page would ring them all."""


def add_contact_method(
    *, person: Person, kind: str, address: str, by: Actor, now: datetime, label: str = ""
) -> ContactMethod:
    """Add an address on a channel, unverified, and use it at once for high urgency.

    An address that can be called is called: until it is verified it is used only where nothing better is there. The
    first method of a person is used for low urgency too. Raises `BadInput` with a sentence per field. Locks the person.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A contact method is added in one transaction with its ledger entry.")
    Person.objects.get_queryset().select_for_update(no_key=True).get(pk=person.pk)
    cleaned = _cleaned(kind, address)
    known = ContactMethod.objects.filter(person=person)
    if known.filter(channel=kind, address=cleaned).exists():
        sentence = _("You have this one already.")
        raise BadInput(sentence, errors={"address": sentence})
    if known.count() >= MOST:
        sentence = _("Remove one first: nobody needs more than {most}.").format(most=MOST)
        raise BadInput(sentence, errors={"address": sentence})
    method = ContactMethod.objects.create(
        person=person,
        channel=kind,
        address=cleaned,
        label=label.strip()[:60],
        secret=secrets.token_urlsafe(32) if channel(kind).needs_secret else "",
    )
    urgencies = [Urgency.HIGH]
    if not ContactRule.objects.filter(person=person, urgency=Urgency.LOW).exists():
        urgencies.append(Urgency.LOW)
    for urgency in urgencies:
        ContactRule.objects.create(person=person, urgency=urgency, contact_method=method, delay_s=0)
    record_contact(method, verb="contact_method.added", by=by, now=now)
    return method


def _cleaned(kind: str, address: str) -> str:
    try:
        return channel(kind).clean_address(address)
    except UnknownChannel:
        sentence = _("Choose one of the ways in the list.")
        raise BadInput(sentence, errors={"kind": sentence}) from None
