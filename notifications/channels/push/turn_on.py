"""Make a device one of the ways to reach somebody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.actor import Actor
from notifications.channels.registry import channel
from notifications.models import ContactMethod
from notifications.operations import delivery_consequences as consequences
from notifications.operations.add_contact_method import add_contact_method
from notifications.operations.contact_record import record_contact
from people.models import Person

KIND = "push"
MOVED = "Somebody else turned notifications on in the same browser; it shows theirs now."


def turn_on_device(*, person: Person, given: str, label: str, by: Actor, now: datetime) -> ContactMethod:
    """Use the browser whose subscription is `given` (JSON) for this person from now on, and for nobody else.

    One that was used before, and given up, is used again. Raises `BadInput` for what is no subscription. Two or more
    transactions: what was somebody else's is switched off first, so that their pages never ring here.
    """
    push = channel(KIND)
    subscription = push.clean_address(given)
    address = push.masked(subscription)
    for other in ContactMethod.objects.filter(channel=KIND, address=address).exclude(person=person):
        consequences.disable_contact_method(other.pk, reason=MOVED, code="", now=now)
    with transaction.atomic():
        Person.objects.get_queryset().select_for_update(no_key=True).get(pk=person.pk)
        mine = (
            ContactMethod.objects.select_for_update(no_key=True)
            .filter(person=person, channel=KIND, address=address)
            .first()
        )
        if mine is None:
            mine = add_contact_method(person=person, kind=KIND, address=given, label=label, by=by, now=now)
            mine.verified_at = now  # the browser itself brought it, in its owner's session
            mine.save(update_fields=["verified_at"])
            return mine
        mine.secret, mine.disabled_at, mine.disabled_reason, mine.verified_at = subscription, None, "", now
        mine.save(update_fields=["secret", "disabled_at", "disabled_reason", "verified_at"])
        record_contact(mine, verb="contact_method.verified", by=by, now=now)
    return mine
