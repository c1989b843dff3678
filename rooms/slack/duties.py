"""What the engine does for Slack when it is due, also when the broker is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine import broker
from engine.duties import Duty, Tick, register
from rooms.models import SlackInbound, SlackOutgoing, SlackPause
from rooms.slack.outbox import send_due
from rooms.slack.working import work_off
from rooms.slack.workspace import check_when_due

PATIENCE_S: Final = 1.0
"""How long a worker has to begin before the engine does it."""
KEPT: Final = timedelta(days=7)
FAILED_KEPT: Final = timedelta(days=30)
BATCH: Final = 500


def send_overdue(tick: Tick) -> int:
    """Make calls that no worker heard of, and those put back whose time has come."""
    return send_due(now=tick.now, patience_s=_patience_s(), until=tick.deadline)


def work_overdue(tick: Tick) -> int:
    """Do what came and no worker heard of, and what a killed one left."""
    return work_off(now=tick.now, patience_s=_patience_s(), until=tick.deadline)


def look_at_workspace(tick: Tick) -> int:
    """Ask Slack from time to time whether we may still."""
    check_when_due(now=tick.now)
    return 0


def prune(tick: Tick) -> int:
    """Delete one batch of what is over its time; failures stay longer, for whoever looks."""
    old, older = tick.now - KEPT, tick.now - FAILED_KEPT
    over = (
        SlackOutgoing.objects.filter(created_at__lt=old, state="done"),
        SlackOutgoing.objects.filter(created_at__lt=older, state="failed"),
        SlackOutgoing.objects.filter(expires_at__lt=old, state="pending"),  # Slack was never set up, or is no more
        SlackInbound.objects.filter(received_at__lt=old, state="done"),
        SlackInbound.objects.filter(received_at__lt=older, state="failed"),
        SlackPause.objects.filter(until__lt=old),
    )
    deleted = 0
    for rows in over:
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        deleted += rows.model.objects.filter(pk__in=ids).delete()[0] if ids else 0
    return deleted


def _patience_s() -> float:
    # Without a broker no worker hears of anything.
    return 0.0 if broker.is_lost() else PATIENCE_S


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name="slack_outgoing", run=send_overdue, budget_s=30.0))
    register(Duty(name="slack_inbound", run=work_overdue, budget_s=30.0))
    register(Duty(name="slack_workspace", run=look_at_workspace, every_s=15.0))
    register(Duty(name="prune_slack", run=prune, every_s=3600.0))
