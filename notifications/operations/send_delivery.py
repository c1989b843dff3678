"""Send what was claimed: the provider is called outside any transaction, its answer recorded in a second one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.transaction import TransactionManagementError

from engine import clock
from notifications.channels.base import (
    Channel,
    ChannelFailure,
    Message,
    NotFound,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from notifications.channels.registry import UnknownChannel, carrier
from notifications.messages import compose
from notifications.models import Delivery
from notifications.operations import record_outcome
from notifications.operations.claim_deliveries import LEASE, UNUSABLE, claim
from notifications.operations.claimed import Claimed
from notifications.operations.companions import companions_of
from notifications.operations.tell_question import told

log = structlog.get_logger(__name__)

RECORDING_S: Final = LEASE.total_seconds() - 2.0
"""How long a result is tried to be stored while the database is away. After that the lease speaks for itself."""


def send_delivery(delivery_id: int, *, now: datetime | None = None) -> bool:
    """Claim one delivery and send it; return whether it was due and ours. Expects no open transaction.

    `now` is the database's time where the caller has it already.
    """
    _need_no_transaction()
    claimed = claim([delivery_id], now=now or clock.now())
    for each in claimed:
        send_claimed(each)
    return bool(claimed)


def send_claimed(claimed: Claimed) -> None:
    """Send a claimed delivery and record what came of it. Expects no open transaction; swallows providers' errors."""
    _need_no_transaction()
    structlog.contextvars.bind_contextvars(delivery=claimed.id, page=str(claimed.page_id or ""))
    try:
        if not claimed.usable:
            record_outcome.unusable(claimed, detail=UNUSABLE)
            return
        companions = companions_of(claimed, now=claimed.now())
        together = [each for each in companions if each.usable and each.provider == claimed.provider]
        began = time.monotonic()
        outcome = _exchange(claimed, together)
        latency_ms = round((time.monotonic() - began) * 1000)
        for each in (claimed, *together):
            _record(each, outcome, latency_ms=latency_ms)
    finally:
        structlog.contextvars.unbind_contextvars("delivery", "page")
    for each in companions:
        if each not in together:
            send_claimed(each)


def settle_unknown(claimed: Claimed, *, since: datetime) -> None:
    """Find out what became of a send that nobody recorded (its lease is over), and record that.

    `since` is when that send began. Expects no open transaction.
    """
    _need_no_transaction()
    outcome = _looked_up(claimed, since=since, unknown=OutcomeUnknown("The sender ended before it recorded an answer."))
    _record(claimed, outcome, latency_ms=None)


def _exchange(claimed: Claimed, together: Sequence[Claimed]) -> Receipt | ChannelFailure:
    try:
        way, message = carrier(claimed.channel, claimed.provider), compose(claimed)
        message = replace(message, together=tuple(compose(each) for each in together))
    except UnknownChannel as error:
        return PermanentFailure(str(error), scope="configuration", code="no_channel")
    except (OperationalError, InterfaceError) as error:
        # Nothing was sent, and nothing is wrong with the message or the person's address.
        log.warning("database_away_before_sending", error=type(error).__name__)
        return TemporaryFailure("The database was away before it could be sent.", code="database")
    except Exception as error:
        # A message that can't be composed must not stop the ones behind it, nor look as if it had been sent.
        log.exception("message_not_composed")
        return PermanentFailure(f"The message could not be composed: {type(error).__name__}.", scope="message")
    try:
        receipt = _send(way, message)
    except OutcomeUnknown as unknown:
        for each in (claimed, *together):
            record_outcome.keep(each, outcome=unknown)
        return _looked_up(claimed, since=claimed.at, unknown=unknown)
    except ChannelFailure as failure:
        return failure
    _note_question(claimed, way, message)
    return receipt


def _send(way: Channel, message: Message) -> Receipt:
    trouble = way.trouble()
    if trouble:
        raise PermanentFailure(trouble, scope="configuration", code="not_set")
    try:
        return way.send(message)
    except ChannelFailure:
        raise
    except Exception as error:
        log.exception("channel_raised", channel=way.kind, provider=way.provider)
        raise OutcomeUnknown(f"{type(error).__name__} in the channel; it may have been sent.") from error


def _note_question(claimed: Claimed, way: Channel, message: Message) -> None:
    """Remember which question a text that was taken has described. Lost, its reader is told anew before it counts."""
    # A message about several pages describes no question: whoever answers one is told it first.
    if message.together or not (way.asks_in_words and message.seal and claimed.page_id):
        return
    try:
        told(page_id=claimed.page_id, address=claimed.address, seal=message.seal, now=claimed.now())
    except DatabaseError as error:
        log.warning("question_not_noted", error=type(error).__name__)
        connection.close()


def _looked_up(claimed: Claimed, *, since: datetime, unknown: OutcomeUnknown) -> Receipt | ChannelFailure:
    """Ask the provider for a message whose outcome nobody knows; `unknown` stands where it can't be asked."""
    try:
        way = carrier(claimed.channel, claimed.provider)
        if not way.can_look_up:
            return unknown
        known = frozenset(
            Delivery.objects.filter(address=claimed.address, created_at__gte=since - LEASE * 40)
            .exclude(provider_ref="")
            .exclude(pk=claimed.id)
            .values_list("provider_ref", flat=True)
        )
        found = way.look_up(compose(claimed), since=since, known=known)
    except (ChannelFailure, UnknownChannel) as failure:
        return OutcomeUnknown(f"{unknown.detail} The provider could not be asked: {failure}", code=unknown.code)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # Raised on, it would leave the delivery under way for ever: asked for again and again, and never sent anew.
        log.exception("look_up_raised", channel=claimed.channel)
        return OutcomeUnknown(f"{unknown.detail} Asking for it failed: {type(error).__name__}.", code=unknown.code)
    if found is None:
        return NotFound(unknown.detail, code=unknown.code)
    return replace(found, found=True)


def _record(claimed: Claimed, outcome: Receipt | ChannelFailure, *, latency_ms: int | None) -> None:
    """Store the outcome; while the database is away, keep trying as long as the lease lasts.

    The provider has it already: giving up here would have somebody called twice.
    """
    pause_s = 0.1
    while True:
        try:
            record_outcome.record_outcome(claimed, outcome=outcome, latency_ms=latency_ms)
        except (OperationalError, InterfaceError):
            if time.monotonic() - claimed.began > RECORDING_S:
                log.exception("outcome_not_recorded", outcome=type(outcome).__name__)
                return
            log.warning("outcome_not_recorded_yet", outcome=type(outcome).__name__)
            connection.close()
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 2.0)
        else:
            return


def _need_no_transaction() -> None:
    if connection.in_atomic_block:
        raise TransactionManagementError("A provider is never called inside a transaction: it would hold its locks.")
