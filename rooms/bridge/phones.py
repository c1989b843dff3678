"""Which number of a person is dialled, and whose number somebody calls from."""

from __future__ import annotations

from notifications.models import ContactMethod
from people.models import Person

PHONES = ("voice", "sms")
"""Channels whose address is a telephone number, the one for calls first."""


def phone_of(person: Person) -> str:
    """Return the number to dial (E.164), verified ones first; "" where there is none that works."""
    usable = [method for method in person.contact_methods.filter(channel__in=PHONES) if method.usable]
    best = sorted(usable, key=lambda each: (each.verified_at is None, PHONES.index(each.channel), each.created_at))
    return best[0].address if best else ""


def owner_of(number: str) -> Person | None:
    """Return the one active person whose verified number this is; None when it is nobody's or several people's."""
    found = ContactMethod.objects.filter(
        channel__in=PHONES, address=number, verified_at__isnull=False, disabled_at=None, person__is_active=True
    )
    owners = {method.person_id: method.person for method in found.select_related("person")}
    return next(iter(owners.values())) if number and len(owners) == 1 else None
