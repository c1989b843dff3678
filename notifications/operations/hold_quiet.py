"""Hold a quiet page back for a moment, so that those that come with it to the same address are one message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from notifications.channels.registry import UnknownChannel, channel
from notifications.models import Delivery, Urgency

HELD: Final = timedelta(seconds=30)
"""So long a page of low urgency waits for others to the same address. One of high urgency never does."""
BEHIND: Final = timedelta(seconds=5)
"""What comes later is due so long after the message that takes it along, should that one be cancelled or fail."""


def hold(deliveries: Iterable[Delivery]) -> None:
    """Move `not_before` of new deliveries that can share a message; before they are written, in the same transaction.

    The first one to an address leaves `HELD` after it was due and takes along what is due by then
    (`notifications.operations.companions`). Two transactions at the same moment may miss each other: two messages.
    """
    firsts: dict[tuple[str, str, UUID], datetime] = {}
    for each in deliveries:
        if is_quiet(each.kind, each.urgency) and _names_several(each.channel):
            address = (each.channel, each.address, each.person_id)
            due, each.not_before = each.not_before, each.not_before + HELD
            first = firsts.get(address) or _first_from(due, *address)
            if first is not None:
                each.not_before = max(each.not_before, first + BEHIND)
            firsts[address] = min(first or each.not_before, each.not_before)


def _first_from(due: datetime, kind: str, address: str, person_id: UUID) -> datetime | None:
    waiting = waiting_quietly(kind, address, person_id).filter(not_before__gte=due).order_by("not_before")
    return waiting.values_list("not_before", flat=True).first()


def is_quiet(kind: str, urgency: str) -> bool:
    """Tell whether a delivery may wait for others."""
    return kind == Delivery.Kind.PAGE and urgency == Urgency.LOW


def waiting_quietly(kind: str, address: str, person_id: UUID) -> QuerySet[Delivery, Delivery]:
    """Return the quiet pages to one address of one person that wait and were never tried: a retry goes alone."""
    return Delivery.objects.filter(
        channel=kind,
        address=address,
        person=person_id,
        kind=Delivery.Kind.PAGE,
        urgency=Urgency.LOW,
        state=Delivery.State.PENDING,
        fence=0,
    )


def _names_several(kind: str) -> bool:
    try:
        return channel(kind).names_several
    except UnknownChannel:
        return False
