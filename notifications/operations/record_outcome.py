"""Record what a provider answered to a send, in a transaction of its own, if the claim still holds."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from notifications.channels.base import (
    ChannelFailure,
    NotFound,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from notifications.channels.registry import UnknownChannel, carrier
from notifications.models import Attempt, Delivery, Page
from notifications.operations import carrier_health
from notifications.operations import delivery_consequences as consequences
from notifications.operations.claimed import Claimed
from notifications.operations.next_carrier import NextCarrier, next_carrier
from notifications.operations.outbox import CHATTER, hand_over_after_commit
from notifications.rules import retry
from web import live

FALLBACK_TRIES: Final = 3
"""Tries for a channel that is not installed any more; it fails for good anyway."""

# The state moves only from "sending" (or "pending", when the lease ran out but nobody took it again): a callback that
# overtook this answer has said more already. The attempt is kept whatever happens.
_ACCEPTED: Final = """
WITH moved AS (
    UPDATE notifications_delivery SET
        state = CASE WHEN state IN ('sending', 'pending') THEN %(state)s ELSE state END,
        check_at = CASE WHEN state IN ('sending', 'pending') THEN %(check_at)s::timestamptz ELSE check_at END,
        sent_at = coalesce(sent_at, %(at)s), provider_ref = %(ref)s, lease_until = NULL,
        delivered_at = CASE WHEN %(state)s = 'delivered' THEN coalesce(delivered_at, %(at)s) ELSE delivered_at END,
        ended_at = CASE WHEN %(state)s = 'delivered' THEN coalesce(ended_at, %(at)s) ELSE ended_at END
    WHERE id = %(id)s AND fence = %(fence)s
    RETURNING state
), kept AS (
    INSERT INTO notifications_attempt (delivery_id, at, provider, result, code, detail, latency_ms)
    SELECT %(id)s, %(at)s, %(provider)s, %(result)s, %(code)s, '', %(latency_ms)s
    FROM notifications_delivery WHERE id = %(id)s
)
SELECT state FROM moved
"""


def record_outcome(claimed: Claimed, *, outcome: Receipt | ChannelFailure, latency_ms: int | None) -> None:
    """Move a claimed delivery by the provider's answer and keep the attempt.

    accepted → sent; temporary → pending after a pause, or failed when the tries are used up; permanent → failed;
    unknown → pending and marked as repeated for a page, failed for chatter. What is urgent goes to the kind's next
    provider at once; when each has had its turn, or it failed for good, the person's next method comes forward. An
    answer to an older claim is kept as an attempt and moves nothing. Locks page, delivery; the provider's breaker
    afterwards, in a transaction of its own.
    """
    now = claimed.now()
    if isinstance(outcome, Receipt):
        _accepted(claimed, outcome, now=now, latency_ms=latency_ms)
        if claimed.probing:
            carrier_health.note_success(claimed, now=now)
    else:
        _not_accepted(claimed, outcome, now=now, latency_ms=latency_ms)
    live.changed(f"page:{claimed.page_id}" if claimed.page_id else f"person:{claimed.person_id}")


def unusable(claimed: Claimed, *, detail: str) -> None:
    """Fail a delivery that may not be sent any more (contact method switched off, person gone); the next way is taken.

    Nothing was sent, so no attempt is kept. Locks page, delivery.
    """
    with transaction.atomic():
        page = _locked_page(claimed)
        failed = Delivery.objects.filter(pk=claimed.id, state="pending", fence=claimed.fence).update(
            state="failed", reason=detail, ended_at=claimed.now()
        )
        if failed:
            consequences.take_next_way(page=page, person_id=claimed.person_id, kind=claimed.kind, now=claimed.now())
    if claimed.page_id:
        live.changed(f"page:{claimed.page_id}")


def keep(claimed: Claimed, *, outcome: ChannelFailure) -> None:
    """Keep an attempt and move nothing: more is to be found out first."""
    _keep(claimed, outcome, at=claimed.now(), latency_ms=None)


def _accepted(claimed: Claimed, receipt: Receipt, *, now: datetime, latency_ms: int | None) -> None:
    check_at = None if receipt.check_after_s is None else now + timedelta(seconds=receipt.check_after_s)
    values: dict[str, Any] = {
        "id": claimed.id,
        "provider": claimed.provider,
        "fence": claimed.fence,
        "state": "delivered" if receipt.delivered else "sent",
        "at": now,
        "check_at": check_at,
        "ref": receipt.ref[:64],
        "code": receipt.code[:20],
        "result": "found" if receipt.found else "accepted",
        "latency_ms": latency_ms,
    }
    if not receipt.delivered:
        with connection.cursor() as cursor:
            cursor.execute(_ACCEPTED, values)
        return
    with transaction.atomic():
        page = _locked_page(claimed)
        with connection.cursor() as cursor:
            cursor.execute(_ACCEPTED, values)
        if page is not None:
            consequences.mark_reached(page=page, person_id=claimed.person_id, now=now)


def _not_accepted(claimed: Claimed, outcome: ChannelFailure, *, now: datetime, latency_ms: int | None) -> None:
    if isinstance(outcome, PermanentFailure) and outcome.scope == "address":
        consequences.disable_contact_method(
            claimed.contact_method_id, reason=outcome.detail, code=outcome.code, now=now, opted_out=outcome.opted_out
        )
    with transaction.atomic():
        page = _locked_page(claimed)
        _keep(claimed, outcome, at=now, latency_ms=latency_ms)
        delivery = (
            Delivery.objects.select_for_update(no_key=True)
            .filter(pk=claimed.id, fence=claimed.fence, state="sending")
            .first()
        )
        if delivery is not None:
            following = _next(claimed, outcome)
            # Withdrawn while it was being sent: somebody has answered, so nobody is to be woken by another try.
            again = (following.at_once or _retries(claimed, outcome)) and delivery.withdraw_at is None
            _move(delivery, claimed, outcome, following=following if again else None, now=now)
            # A second way beats waiting for the first one, as soon as no provider is left to try at once; so does the
            # next level where even those that are passed over are tried for want of others.
            waits = delivery.not_before > now and (claimed.tries <= following.providers or claimed.probing)
            if not again or (claimed.urgency == "high" and waits):
                consequences.take_next_way(page=page, person_id=claimed.person_id, kind=claimed.kind, now=now)
    if isinstance(outcome, PermanentFailure) and outcome.scope == "configuration":
        consequences.alarm_about_configuration(
            channel=claimed.channel, kind=claimed.kind, code=outcome.code, detail=outcome.detail, now=now
        )
    if claimed.kind != Delivery.Kind.ALARM:
        carrier_health.note_failure(claimed, outcome, now=now)


def _next(claimed: Claimed, outcome: ChannelFailure) -> NextCarrier:
    """Return the provider of the next try. What is wrong with the address or the message is wrong everywhere."""
    if isinstance(outcome, PermanentFailure) and outcome.scope != "configuration":
        return NextCarrier(provider=claimed.provider, at_once=False, providers=1)
    return next_carrier(
        delivery_id=claimed.id,
        channel=claimed.channel,
        provider=claimed.provider,
        urgency=claimed.urgency,
        kind=claimed.kind,
    )


def _retries(claimed: Claimed, outcome: ChannelFailure) -> bool:
    if isinstance(outcome, PermanentFailure):
        return False
    if isinstance(outcome, OutcomeUnknown) and not isinstance(outcome, NotFound) and claimed.kind in CHATTER:
        return False
    try:
        limit = carrier(claimed.channel, claimed.provider).limits.tries
    except UnknownChannel:
        limit = FALLBACK_TRIES
    return retry.may_try_again(tries=claimed.tries, limit=limit)


def _move(
    delivery: Delivery, claimed: Claimed, outcome: ChannelFailure, *, following: NextCarrier | None, now: datetime
) -> None:
    """Put the delivery back for its `following` try, or let it fail when there is none."""
    delivery.lease_until = None
    delivery.reason = outcome.detail
    if following is not None:
        delivery.state = Delivery.State.PENDING
        delivery.provider = following.provider
        delivery.not_before = now + timedelta(seconds=_pause_s(claimed, outcome, at_once=following.at_once))
        delivery.repeated = delivery.repeated or isinstance(outcome, OutcomeUnknown)
        if following.at_once:
            hand_over_after_commit([delivery])
    else:
        delivery.state = Delivery.State.FAILED
        delivery.ended_at = now
        delivery.withdraw_at = None
    fields = ["state", "provider", "reason", "lease_until", "not_before", "repeated", "ended_at", "withdraw_at"]
    delivery.save(update_fields=fields)


def _pause_s(claimed: Claimed, outcome: ChannelFailure, *, at_once: bool) -> float:
    """Return the seconds until the next try. What may have gone out and can't be asked for is given time to be heard
    of, and comes again then, marked."""
    unknown = isinstance(outcome, OutcomeUnknown) and not isinstance(outcome, NotFound)
    if at_once and not unknown:
        return 0.0
    wished = outcome.retry_after_s if isinstance(outcome, TemporaryFailure) and not at_once else None
    usual = 0.0 if at_once else retry.pause_s(tries=claimed.tries, retry_after_s=wished, chance=random.random())  # noqa: S311 - jitter
    return max(usual, retry.UNKNOWN_S) if unknown else usual


def _keep(claimed: Claimed, outcome: ChannelFailure, *, at: datetime, latency_ms: int | None) -> None:
    result = {TemporaryFailure: "temporary", PermanentFailure: "permanent", NotFound: "not_found"}
    Attempt.objects.create(
        delivery_id=claimed.id,
        at=at,
        provider=claimed.provider,
        result=result.get(type(outcome), "unknown"),
        code=outcome.code,
        detail=outcome.detail,
        latency_ms=latency_ms,
    )


def _locked_page(claimed: Claimed) -> Page | None:
    if claimed.page_id is None:
        return None
    return Page.objects.select_for_update(no_key=True).get(pk=claimed.page_id)
