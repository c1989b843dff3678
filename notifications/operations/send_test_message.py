"""Try a contact method."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.actor import Actor
from notifications.models import Delivery
from notifications.operations.contact_lock import lock_contact_method
from notifications.operations.outbox import post
from web.errors import IllegalMove

PAUSE: Final = timedelta(seconds=30)
"""Between two tests of one contact method: nobody is flooded through this button."""
GOOD_FOR: Final = timedelta(minutes=5)


def send_test_message(*, contact_method_id: UUID | str, by: Actor, now: datetime) -> Delivery:
    """Send a message that asks for nothing, to see that it arrives and how it sounds.

    Raises `IllegalMove` for a method that is switched off, and within 30 s of the last test. Locks the contact method.
    """
    method = lock_contact_method(contact_method_id)
    if not method.usable:
        raise IllegalMove(_("This one is switched off: nothing is sent to it. Verify it with a code first."))
    recent = Delivery.objects.filter(contact_method=method, kind=Delivery.Kind.TEST, created_at__gt=now - PAUSE)
    if recent.exists():
        raise IllegalMove(_("A test was sent a moment ago. Wait half a minute before the next one."))
    (delivery,) = post(
        [
            Delivery(
                person_id=method.person_id,
                contact_method=method,
                kind=Delivery.Kind.TEST,
                channel=method.channel,
                address=method.address,
                content={
                    "headline": _("A test from Muster"),
                    "sentence": _("This is how a page reaches you. Nothing is wrong and nobody waits for an answer."),
                    "asked_by": by.name,
                },
                severity=4,
                not_before=now,
                created_at=now,
                expires_at=now + GOOD_FOR,
            )
        ]
    )
    return delivery
