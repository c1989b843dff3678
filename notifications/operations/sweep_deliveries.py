"""What nobody handed over, what nobody finished, what is no longer of use: found in the database by the engine."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from django.db import connection
from django.db.models import F, Q

from engine import broker
from engine.duties import Tick
from notifications.channels.base import ChannelFailure
from notifications.channels.registry import UnknownChannel, carrier
from notifications.models import Delivery
from notifications.operations import turns
from notifications.operations.carrier_standings import paced_kinds
from notifications.operations.claim_deliveries import LEASE, claim_abandoned
from notifications.operations.send_delivery import settle_unknown
from notifications.sending import send_due
from notifications.sending_pool import SendingPool

log = structlog.get_logger(__name__)

GRACE: Final = timedelta(seconds=2)
"""A delivery that was handed to the workers when it was written has this long before the engine sends it itself; no
time at all while the broker takes nothing."""
SLOTS: Final = 8
BATCH: Final = 100
TURN_PAUSE_S: Final = 0.02
LONGEST_PAUSE_S: Final = 0.2
"""While messages wait for their turn: what comes due meanwhile waits no longer than this."""
LOCKED_PAUSE_S: Final = 0.1
"""Before looking again at rows that could not be claimed: somebody else holds their lock for a moment."""


def send_overdue(tick: Tick) -> int:
    """Send what is due and still pending; return how many were started. For the duty "deliveries".

    What was due when it was written is given to the workers first and counts as overdue after `GRACE`; what came due
    later (a contact rule's delay, a retry, a turn at a provider) nobody has handed over, so it goes at once. Goes on
    while something is due, waits for its turn or is on its way; calls that hang hold their own slots only.
    """
    pool = SendingPool(slots=SLOTS, name="engine-send")
    began = time.monotonic()
    started = 0
    try:
        while not tick.out_of_time():
            moment = tick.now + timedelta(seconds=time.monotonic() - began)
            full, room = pool.crowded()
            ids, pause_s = to_send(now=moment, not_of=full, of_each=room or BATCH)
            if ids:
                sent = send_due(ids, pool=pool, now=moment, wait_s=0.5)
                started += sent
                if not sent:
                    time.sleep(LOCKED_PAUSE_S)
            elif pause_s is not None:
                time.sleep(min(max(pause_s, TURN_PAUSE_S), LONGEST_PAUSE_S))
            elif pool.is_idle():
                break
            else:
                pool.wait(within_s=0.5)
    finally:
        pool.close()
    return started


def to_send(*, now: datetime, not_of: Sequence[str] = (), of_each: int = BATCH) -> tuple[list[int], float | None]:
    """Return the ids of what the engine is to send now, the most urgent first, at most `BATCH` and what has its turn;
    and in how many seconds the next turn comes, None where nothing waits for one.

    Messages that wait for their turn at a provider are no part of the rest: a long queue of calls delays no text. None
    of the kinds `not_of`, and at most `of_each` of every other: what hangs at one provider delays no other's.
    """
    grace = timedelta(0) if broker.is_lost() else GRACE
    due = Q(not_before__lte=now - grace) | Q(not_before__lte=now, not_before__gt=F("created_at") + timedelta(seconds=1))
    pending = Delivery.objects.filter(due, state=Delivery.State.PENDING).exclude(channel__in=[*paced_kinds(), *not_of])
    ordered = pending.order_by("urgency", "severity", "not_before", "id")
    in_turn, pause_s = turns.due_turns(now=now, limit=min(SLOTS, of_each), not_of=not_of)
    ids, taken = in_turn, Counter[str]()
    for id_, kind in ordered.values_list("id", "channel")[:BATCH]:
        taken[kind] += 1
        if taken[kind] <= of_each:
            ids.append(id_)
    return ids, pause_s


def free_expired_leases(tick: Tick) -> int:
    """Find out what became of sends whose sender ended before recording; return how many. For the duty "leases".

    Where the provider can be asked it is asked; else a page's message goes again, marked as repeated; chatter fails.
    """
    abandoned = claim_abandoned(now=tick.now, limit=SLOTS)
    pool = SendingPool(slots=SLOTS, name="engine-lease")
    try:
        for claimed, since in abandoned:
            pool.take(at_most=1, wait_s=LEASE.total_seconds())
            pool.submit(partial(settle_unknown, claimed, since=since))
    finally:
        pool.close(within_s=LEASE.total_seconds())
    return len(abandoned)


def expire_chatter(tick: Tick) -> int:
    """End pending messages that are of no use any more; return how many. For the duty "leases"."""
    return Delivery.objects.filter(state=Delivery.State.PENDING, expires_at__lte=tick.now).update(
        state=Delivery.State.EXPIRED, ended_at=tick.now, reason="Its time was over before it could be sent."
    )


def withdraw_calls(tick: Tick) -> int:
    """Hang up calls that still ring for people who need not answer any more; return how many. For "withdrawals".

    One that is just being sent has no id at the provider yet: it is looked at again when it has.
    """
    calls = list(
        Delivery.objects.filter(withdraw_at__lte=tick.now)
        .exclude(state=Delivery.State.SENDING)
        .order_by("withdraw_at")[:SLOTS]
    )
    pool = SendingPool(slots=SLOTS, name="engine-withdraw")
    try:
        for call in calls:
            pool.take(at_most=1, wait_s=LEASE.total_seconds())
            pool.submit(partial(_withdraw, call, now=tick.now))
    finally:
        pool.close(within_s=LEASE.total_seconds())
    return len(calls)


def _withdraw(delivery: Delivery, *, now: datetime) -> None:
    reached = delivery.state == Delivery.State.SENT and delivery.provider_ref
    try:
        if reached:
            carrier(delivery.channel, delivery.provider).withdraw(delivery.provider_ref)
    except Exception as error:
        if not isinstance(error, ChannelFailure | UnknownChannel):
            log.exception("call_not_withdrawn", delivery=delivery.pk)  # a fault of ours holds up no other hang-up
        # Asked again in a moment, as long as it can still ring.
        if delivery.withdraw_at is not None and now - delivery.withdraw_at < timedelta(minutes=1):
            Delivery.objects.filter(pk=delivery.pk).update(withdraw_at=now + timedelta(seconds=2))
            return
    # What the call then becomes ("canceled", or answered in this moment) its callback says.
    Delivery.objects.filter(pk=delivery.pk).update(withdraw_at=None)


def oldest_overdue_s(*, now: datetime) -> float:
    """Return for how many seconds the oldest pending delivery has been due; 0 when none is. One indexed read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(not_before) FROM notifications_delivery WHERE state = 'pending'")
        (oldest,) = cursor.fetchone()
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
