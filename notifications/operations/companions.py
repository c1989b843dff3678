"""Claim what goes in the same message as a quiet page."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from notifications.channels.registry import UnknownChannel, carrier
from notifications.models import Delivery
from notifications.operations.claim_deliveries import claim
from notifications.operations.claimed import Claimed
from notifications.operations.hold_quiet import BEHIND, HELD, is_quiet, waiting_quietly

MOST: Final = 8
"""Pages in one message: it is still read at a glance."""


def companions_of(claimed: Claimed, *, now: datetime) -> list[Claimed]:
    """Claim the other quiet pages to the address of `claimed` that are due but for being held back.

    For most messages nothing, without asking the database. One short transaction that waits for no lock. Some may come
    back unusable or with another provider: those don't go in the same message.
    """
    if not is_quiet(claimed.kind, claimed.urgency) or not _names_several(claimed):
        return []
    with transaction.atomic():
        waiting = waiting_quietly(claimed.channel, claimed.address, claimed.person_id).filter(
            not_before__lte=now + HELD + BEHIND
        )
        locked = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk")
        ids = list(locked.values_list("pk", flat=True)[: MOST - 1])
        if not ids:
            return []
        Delivery.objects.filter(pk__in=ids).update(not_before=now)
        return claim(ids, now=now)


def _names_several(claimed: Claimed) -> bool:
    try:
        return carrier(claimed.channel, claimed.provider).names_several
    except UnknownChannel:
        return False
