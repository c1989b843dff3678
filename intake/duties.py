"""What the intake wants done when it is due."""

from __future__ import annotations

from engine.duties import Duty, register
from intake.operations.mute_alerts import UNMUTING, unmute_alerts
from intake.operations.prune_events import prune_events
from intake.operations.route_alerts import route_alerts
from intake.operations.settle_resolved import settle_resolved
from intake.operations.store_events import ROUTING, SETTLING
from intake.operations.watch_heartbeat import WATCHING, watch_heartbeats


def register_duties() -> None:
    """Put the intake's duties before the engine."""
    register(Duty(name=ROUTING, run=route_alerts))
    register(Duty(name=SETTLING, run=settle_resolved))
    register(Duty(name=UNMUTING, run=unmute_alerts))
    register(Duty(name=WATCHING, run=watch_heartbeats))
    register(Duty(name="prune-events", run=prune_events, every_s=300.0, late_after_s=3600.0))
