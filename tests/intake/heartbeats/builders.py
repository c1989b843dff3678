"""Plain typed builders for heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from engine.duties import run_once
from intake.models import Heartbeat
from intake.operations.change_heartbeat import HeartbeatDraft, add_heartbeat
from intake.operations.take_ping import Report, take_ping
from intake.receivers.door import digest_of
from ledger.actor import Actor
from tests.builders import NOW


def make_heartbeat(name: str = "Nightly backup", *, now: datetime = NOW, **more: Any) -> tuple[Heartbeat, str]:
    """Make a heartbeat and return it with its key: every hour, with five minutes of grace, unless a test says other."""
    given: dict[str, Any] = {"grace_s": 300, **more}
    if not given.get("cron"):
        given.setdefault("period_s", 3600)
    with transaction.atomic():
        return add_heartbeat(draft=HeartbeatDraft(name=name, **given), by=Actor.system(), now=now)


def report(key: str, signal: Any = "success", *, at: datetime, **more: Any) -> bool:
    """Let a job report, and the engine do what follows at that moment."""
    taken = take_ping(digest=digest_of(key), report=Report(signal=signal, **more), now=at)
    look(at)
    return taken


def look(at: datetime) -> None:
    """Let the engine look for what is late, and do what follows."""
    for duty in ("heartbeats", "routing", "settling"):
        run_once(duty, now=at)
