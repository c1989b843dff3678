"""Tell somebody that their PIN was entered wrongly too often: they, or somebody who is not them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.answers import local_time
from notifications.models import ContactMethod, Delivery
from notifications.operations.outbox import post
from people.models import Person

GOOD_FOR: Final = timedelta(days=1)


def tell_locked_pin(*, person: Person, until: datetime, via: str, now: datetime) -> list[Delivery]:
    """Write to every mail address of theirs; where none may be used, to whatever else is theirs.

    The number that the wrong ones came from may be in other hands, so mail comes first. In the caller's transaction.
    """
    usable = ContactMethod.objects.filter(person=person, disabled_at=None, opted_out_at=None)
    methods = list(usable.filter(channel="email")) or list(usable)
    with translation.override(person.language):
        content = {
            "headline": _("Your PIN for approvals by phone is locked"),
            "sentence": _(
                "Five wrong PINs were entered in your name (%(via)s). Until %(time)s none is taken; on the web you "
                "approve as always. If it was not you, set another PIN and tell your administrators."
            )
            % {
                "via": _("on a call") if via == "voice" else _("by text"),
                "time": local_time(until, person),
            },
        }
    return post(
        [
            Delivery(
                person=person,
                contact_method=method,
                kind=Delivery.Kind.NEWS,
                channel=method.channel,
                address=method.address,
                content=content,
                severity=2,
                not_before=now,
                created_at=now,
                expires_at=now + GOOD_FOR,
            )
            for method in methods
        ]
    )
