"""The outbox: deliveries are written with the move that causes them and leave after its commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.transaction import TransactionManagementError

from engine import broker, wake
from notifications.channels.registry import UnknownChannel, all_carriers, channel
from notifications.models import Delivery
from notifications.operations.hold_quiet import hold
from web import live

TASK: Final = "notifications.deliver"
ID_GROUP: Final = 8
"""Ids that share one broker message when many leave at once: a message costs Celery 2 ms, whatever is in it."""
CHATTER: Final = frozenset({Delivery.Kind.NEWS})
"""Kinds that nobody is woken for: a queue of their own, no repeat after an unknown outcome."""
CALLS: Final = (Delivery.Kind.PAGE, Delivery.Kind.REMINDER)
"""Kinds that ask for an answer: they end with their page."""


def post(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Insert deliveries in the caller's transaction and hand over those that are due, after its commit.

    Each has at least person, contact method, channel, address, `not_before` and `created_at`; `provider` is filled in
    here. Expects the lock of the page, if there is one. Returns them with their ids.
    """
    _need_transaction("written")
    for delivery in deliveries:
        try:
            delivery.provider = channel(delivery.channel).provider
        except UnknownChannel:
            delivery.provider = ""  # sending finds the same and says so where people look
    hold(deliveries)
    written = Delivery.objects.bulk_create(deliveries, batch_size=500)
    due = [delivery for delivery in written if delivery.not_before <= delivery.created_at]
    hand_over_after_commit(due)
    _tell(written)
    return written


def hand_over_after_commit(deliveries: Iterable[Delivery]) -> None:
    """Hand deliveries to the workers after the commit, the most urgent first; what gets lost the engine finds."""
    ordered = sorted(deliveries, key=lambda each: (each.urgency != "high", each.severity, each.not_before, each.pk))
    for queue, group in (
        ("page", [each.pk for each in ordered if each.kind not in CHATTER]),
        ("chat", [each.pk for each in ordered if each.kind in CHATTER]),
    ):
        if group:
            transaction.on_commit(partial(broker.hand_over, TASK, _packed(group), queue))


def _packed(ids: Sequence[int]) -> list[str]:
    # One by one while few: they then go to several threads of several workers at once.
    size = ID_GROUP if len(ids) > ID_GROUP else 1
    return [",".join(map(str, ids[start : start + size])) for start in range(0, len(ids), size)]


def withdraw(
    *,
    page_id: UUID | None = None,
    page_ids: Iterable[UUID] | None = None,
    person_id: UUID | None = None,
    reason: str,
    now: datetime,
) -> int:
    """Stop what has not reached anybody yet: pending → cancelled, calls on their way → to be hung up.

    For one page or several, all people or one. Expects the pages' locks; returns how many deliveries it touched.
    Hanging up happens after the commit (duty "withdrawals"), and only to calls that still ring: a person who is just
    listening hears at the next key who has it. What is being sent in this moment is marked, so that it is not tried
    again if it fails.
    """
    _need_transaction("withdrawn")
    pages = set(page_ids or ()) | ({page_id} if page_id else set())
    where = Q(page_id__in=pages, kind__in=CALLS) & (Q() if person_id is None else Q(person_id=person_id))
    under_way = Q(state="sending") | Q(state="sent") & _withdrawable()
    changes: dict[str, Any] = {
        "withdraw_at": Case(When(under_way, then=Value(now)), default=F("withdraw_at")),
        "ended_at": Case(When(state="pending", then=Value(now)), default=F("ended_at")),
        "reason": Case(When(state="pending", then=Value(reason[:300])), default=F("reason")),
        "state": Case(When(state="pending", then=Value("cancelled")), default=F("state")),
    }
    touched = Delivery.objects.filter(where & (Q(state="pending") | under_way)).update(**changes)
    if touched:
        wake.after_commit("withdrawals")
    return touched


def _withdrawable() -> Q:
    ways = [Q(channel=each.kind, provider=each.provider) for each in all_carriers() if each.can_withdraw]
    return reduce(or_, ways, Q(pk__in=()))


def _need_transaction(verb: str) -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"Deliveries are {verb} in the transaction of the move that causes it.")


def _tell(deliveries: Iterable[Delivery]) -> None:
    subjects = {f"page:{each.page_id}" for each in deliveries if each.page_id}
    if subjects:
        live.changed(*sorted(subjects))
