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
    shown, secret = _address_and_secret(kind, address)
    known = ContactMethod.objects.filter(person=person)
    if known.filter(channel=kind, address=shown).exists():
        sentence = _("You have this one already.")
        raise BadInput(sentence, errors={"address": sentence})
    if known.count() >= MOST:
        sentence = _("Remove one first: nobody needs more than {most}.").format(most=MOST)
        raise BadInput(sentence, errors={"address": sentence})
    method = ContactMethod.objects.create(
        person=person,
        channel=kind,
        address=shown,
        label=label.strip()[:60],
        secret=secret,
    )
    urgencies = [Urgency.HIGH]
    if not ContactRule.objects.filter(person=person, urgency=Urgency.LOW).exists():
        urgencies.append(Urgency.LOW)
    for urgency in urgencies:
        ContactRule.objects.create(person=person, urgency=urgency, contact_method=method, delay_s=0)
    record_contact(method, verb="contact_method.added", by=by, now=now)
    return method


def _address_and_secret(kind: str, address: str) -> tuple[str, str]:
    """Return what is kept in clear and what is kept encrypted of what somebody typed."""
    try:
        way = channel(kind)
    except UnknownChannel:
        sentence = _("Choose one of the ways in the list.")
        raise BadInput(sentence, errors={"kind": sentence}) from None
    cleaned = way.clean_address(address)
    if way.address_is_secret:
        return way.masked(cleaned), cleaned
    return cleaned, secrets.token_urlsafe(32) if way.needs_secret else ""
