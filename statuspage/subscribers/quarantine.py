"""Addresses that nothing gets through to: put aside, and whoever can mend it is told once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from statuspage.models import Letter, Subscriber
from statuspage.subscribers.sign_up import post_letter


def tell_contacts(subscriber_ids: Sequence[UUID], *, now: datetime) -> None:
    """Write the contacts of webhooks that were just quarantined one letter each."""
    if not subscriber_ids:
        return
    hooks = Subscriber.objects.filter(pk__in=subscriber_ids, channel=Subscriber.Channel.WEBHOOK).exclude(contact="")
    with transaction.atomic():
        for hook in hooks:
            post_letter(subscriber_id=hook.pk, kind=Letter.Kind.QUARANTINED, choices={}, now=now)


def note_bounces(*, addresses: Sequence[str], now: datetime) -> int:
    """Quarantine the mail addresses that a mail server reported as gone, on every page; return how many that were."""
    return Subscriber.objects.filter(
        channel=Subscriber.Channel.EMAIL,
        address__in=[address.strip().lower() for address in addresses],
        state=Subscriber.State.ACTIVE,
    ).update(state=Subscriber.State.QUARANTINED, quarantined_at=now)
