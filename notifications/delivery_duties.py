"""What the engine does for deliveries, and what it watches."""

from __future__ import annotations

from datetime import datetime

from engine import clock, database_watch, watch
from engine.duties import Duty, Tick, register
from notifications import emergency
from notifications.channels.registry import prepare_all
from notifications.operations.alarm_administrators import alarm_administrators
from notifications.operations.ask_providers import ask_providers
from notifications.operations.prune_deliveries import prune_deliveries
from notifications.operations.relieve_queues import relieve_queues
from notifications.operations.self_test import begin_self_test, settle_self_tests
from notifications.operations.sweep_deliveries import (
    expire_chatter,
    free_expired_leases,
    oldest_overdue_s,
    send_overdue,
    withdraw_calls,
)

OVERDUE_LIMIT_S = 30.0
"""An unsent delivery older than this alarms the administrators: 15 times the engine's own patience."""


def free_leases(tick: Tick) -> int:
    """Settle abandoned sends and end what is of no use any more."""
    return free_expired_leases(tick) + expire_chatter(tick)


def keep_contacts(_tick: Tick) -> int:
    """Keep the administrators' contacts outside the database."""
    emergency.write_contacts()
    return 0


def prepare_channels(_tick: Tick) -> int:
    """Load the providers' libraries when the engine starts: hanging up a ringing phone must not wait for that."""
    prepare_all()
    return 0


def prune(tick: Tick) -> int:
    """Delete one batch of what is over its time."""
    return prune_deliveries(now=tick.now)


def test_ourselves(tick: Tick) -> int:
    """Begin the self-test that is due, and settle those whose messages are known of."""
    return begin_self_test(now=tick.now) + settle_self_tests(now=tick.now)


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready. Withdrawals and leases have threads of their own, so that a
    provider that hangs while sending delays neither."""
    register(Duty(name="deliveries", run=send_overdue, budget_s=30.0))
    register(Duty(name="withdrawals", run=withdraw_calls))
    register(Duty(name="leases", run=free_leases))
    register(Duty(name="turns", run=relieve_queues))
    register(Duty(name="receipts", run=ask_providers, every_s=2.0))
    register(Duty(name="channels", run=prepare_channels, every_s=3600.0))
    register(Duty(name="self_test", run=test_ourselves, every_s=15.0))
    register(Duty(name="emergency_contacts", run=keep_contacts, every_s=600.0))
    register(Duty(name="prune_deliveries", run=prune, every_s=3600.0))
    watch.register_gauge(
        "oldest_unsent_delivery_s",
        _oldest_overdue,
        limit=OVERDUE_LIMIT_S,
        sentence="A message has been waiting to be sent for too long, in seconds",
    )
    watch.register_alarm(_ring)
    database_watch.register_alarm(_ring_without_database)


def _oldest_overdue(now: datetime) -> float:
    return oldest_overdue_s(now=now)


def _ring(cause: str, sentence: str) -> None:
    alarm_administrators(cause=cause, sentence=sentence, now=clock.now())


def _ring_without_database(sentence: str) -> None:
    emergency.alarm(sentence)
