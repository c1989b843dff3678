"""Ask providers about what no callback spoke of, and let go on what they only hold up."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction

from engine.duties import Tick
from notifications.channels.base import Channel, ChannelFailure, News
from notifications.channels.registry import UnknownChannel, carrier
from notifications.models import Attempt, Delivery
from notifications.operations import carrier_health
from notifications.operations import delivery_consequences as consequences
from notifications.operations.claim_deliveries import LEASE
from notifications.operations.lock_page import lock_page
from notifications.operations.next_carrier import next_carrier
from notifications.operations.outbox import hand_over_after_commit
from notifications.operations.record_callback import record_callback
from notifications.sending_pool import SendingPool

log = structlog.get_logger(__name__)

SLOTS: Final = 8
ASK_AGAIN: Final = timedelta(seconds=60)
ASK_NO_MORE: Final = timedelta(minutes=15)
"""How long after sending a provider that says nothing new is still asked."""
HELD_UP: Final = "The provider took it and has not passed it on."


def ask_providers(tick: Tick) -> int:
    """Ask what became of messages that no callback spoke of in time; return how many. For the duty "receipts".

    Callbacks get lost (a proxy, a wrong public address): without this a call that nobody answered would never count as
    such. One that the provider still holds goes by its next provider, or the person's next way is taken beside it.
    """
    with transaction.atomic():
        silent = list(
            Delivery.objects.select_for_update(no_key=True, skip_locked=True)
            .filter(check_at__lte=tick.now)
            .order_by("check_at")[:SLOTS]
        )
        # Asked again later unless the answer ends it; two engines never ask about the same one at the same time.
        for delivery in silent:
            old = delivery.sent_at is None or tick.now - delivery.sent_at > ASK_NO_MORE
            delivery.check_at = None if old else tick.now + ASK_AGAIN
        Delivery.objects.bulk_update(silent, ["check_at"])
    pool = SendingPool(slots=SLOTS, name="engine-ask")
    try:
        for delivery in silent:
            pool.take(at_most=1, wait_s=LEASE.total_seconds())
            pool.submit(partial(_ask, delivery, now=tick.now))
    finally:
        pool.close(within_s=LEASE.total_seconds())
    return len(silent)


def _ask(delivery: Delivery, *, now: datetime) -> None:
    try:
        way = carrier(delivery.channel, delivery.provider)
    except UnknownChannel:
        return
    news: News | None = None
    try:
        news = way.ask(delivery.provider_ref)
    except ChannelFailure as failure:
        log.info("provider_not_asked", delivery=delivery.pk, error=str(failure))
    if news is not None:
        record_callback(
            provider=delivery.provider,
            delivery_id=delivery.pk,
            fence=delivery.fence,
            news=news,
            key=f"asked:{delivery.pk}:{delivery.fence}:{news.word}",
            now=now,
        )
    if delivery.page_id is not None and _is_held_up(delivery, way, news=news, now=now):
        if _go_on(delivery, page_id=delivery.page_id, now=now):
            _take_back(way, delivery)
        carrier_health.note_no_receipt(kind=delivery.channel, provider=delivery.provider, now=now)


def _is_held_up(delivery: Delivery, way: Channel, *, news: News | None, now: datetime) -> bool:
    """Tell whether the provider, or nobody, still has a message that should have left it by now."""
    late_s, passed_on = way.limits.late_s, way.limits.passed_on
    if late_s is None or delivery.sent_at is None or (now - delivery.sent_at).total_seconds() < late_s:
        return False
    if news is not None and news.kind != "progress":
        return False
    rank = max(delivery.provider_rank, news.rank if news is not None else 0)
    return passed_on is None or rank < passed_on


def _go_on(delivery: Delivery, *, page_id: UUID, now: datetime) -> bool:
    """Give an unconfirmed message to the next provider, marked as repeated, else take the person's next way; return
    whether it was given to another provider. Locks page, delivery."""
    with transaction.atomic():
        page = lock_page(page_id)
        Attempt.objects.create(
            delivery=delivery, at=now, provider=delivery.provider, result="no_receipt", detail=HELD_UP
        )
        following = next_carrier(
            delivery_id=delivery.pk,
            channel=delivery.channel,
            provider=delivery.provider,
            urgency=delivery.urgency,
            kind=delivery.kind,
        )
        if following.at_once and consequences.is_still_called(page=page, person_id=delivery.person_id):
            moved = Delivery.objects.filter(
                pk=delivery.pk, fence=delivery.fence, state=Delivery.State.SENT, withdraw_at=None
            ).update(
                state=Delivery.State.PENDING,
                provider=following.provider,
                repeated=True,
                not_before=now,
                check_at=None,
                reason=HELD_UP,
            )
            if moved:
                hand_over_after_commit([delivery])
                return True
        consequences.take_next_way(page=page, person_id=delivery.person_id, kind=delivery.kind, now=now)
    return False


def _take_back(way: Channel, delivery: Delivery) -> None:
    """Stop what the first provider may still send, where it can be stopped: better that nobody is called twice."""
    if not way.can_withdraw:
        return
    try:
        way.withdraw(delivery.provider_ref)
    except ChannelFailure as failure:
        log.info("held_up_message_not_withdrawn", delivery=delivery.pk, error=str(failure))
