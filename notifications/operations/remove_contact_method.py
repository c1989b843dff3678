"""Take a way to reach somebody away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.actor import Actor
from notifications.models import ContactMethod
from notifications.operations.contact_lock import lock_contact_method
from notifications.operations.contact_record import record_contact
from web.errors import IllegalMove


def remove_contact_method(*, contact_method_id: UUID | str, by: Actor, now: datetime) -> None:
    """Remove a contact method and its rules; what was sent to it stays in the delivery log with its address.

    What is still queued for it fails visibly and the next method is used. Raises `IllegalMove` for the last one that
    works: nobody makes themselves unreachable by one press. Locks the contact method.
    """
    method = lock_contact_method(contact_method_id)
    others = ContactMethod.objects.filter(person=method.person_id).exclude(pk=method.pk)
    if method.usable and not any(other.usable for other in others):
        raise IllegalMove(_("This is the only way left to reach you. Add another one first, then remove this one."))
    record_contact(method, verb="contact_method.removed", by=by, now=now)
    method.delete()
