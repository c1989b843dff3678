"""Wait for a job's next report, and tell of those that did not come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError, transaction

from engine.duties import Tick
from intake.models import Heartbeat
from intake.operations.tell_of_heartbeat import tell_trouble
from intake.rules.heartbeat_words import late_summary
from intake.rules.heartbeats import due, remind_at
from notifications.operations.alarm_administrators import alarm_administrators
from web import live

WATCHING: Final = "heartbeats"
BATCH: Final = 100
LOOK_AGAIN: Final = timedelta(minutes=10)
"""After which a heartbeat that could not be looked at is tried again."""
log = structlog.get_logger(__name__)


def wait_for_next(heartbeat: Heartbeat, *, began: bool = False) -> None:
    """Set when the next report is expected and when it is late, from how the (locked) heartbeat stands; saves nothing.

    `began`: what happened is the start of a run. It moves no deadline of a run before it that has not ended, and none
    while the job is late or has failed: a job that starts again and again without ever ending is late all the same.
    """
    if began and heartbeat.state != Heartbeat.State.STARTED:
        return
    last = max(filter(None, (heartbeat.last_end_at, heartbeat.expected_from)))
    waited = due(
        last=last,
        schedule=heartbeat.schedule,
        grace=timedelta(seconds=heartbeat.grace_s),
        started_at=heartbeat.started_at,
        longest_run=_longest_run(heartbeat),
    )
    look_at = waited.late_at if waited is not None else None
    known = heartbeat.next_look_at if began and heartbeat.waits_for_end else None
    if known is not None and look_at is not None and known <= look_at:
        return
    heartbeat.expected_at = waited.expected_at if waited is not None else None
    heartbeat.next_look_at = look_at
    heartbeat.waits_for_end = waited is not None and waited.overrun


def watch_heartbeats(tick: Tick) -> int:
    """Find up to 100 jobs that are late and tell of each; return how many were looked at. The engine's duty.

    Claims with `SKIP LOCKED`: any number of engines may run it, and a report that is just being taken goes first. What
    can't be looked at is told to the administrators and holds nothing up. A lost database is raised.
    """
    with transaction.atomic():
        rows = Heartbeat.objects.select_related("integration").filter(next_look_at__lte=tick.now)
        claimed = list(
            rows.order_by("next_look_at").select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH]
        )
        for heartbeat in claimed:
            if tick.out_of_time():
                break
            try:
                with transaction.atomic():
                    _miss(heartbeat, tick.now)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("heartbeat not looked at", heartbeat=heartbeat.pk)
                _put_off(heartbeat, tick.now)
        if claimed:
            live.changed(WATCHING)
    return len(claimed)


def _miss(heartbeat: Heartbeat, now: datetime) -> None:
    expected_at = heartbeat.expected_at or now
    grace = timedelta(seconds=heartbeat.grace_s)
    heartbeat.state = Heartbeat.State.LATE
    heartbeat.next_look_at = remind_at(now, heartbeat.schedule, grace)
    heartbeat.save(update_fields=["state", "next_look_at"])
    tell_trouble(
        heartbeat=heartbeat,
        summary=late_summary(
            heartbeat.name,
            expected_at=expected_at,
            grace_s=heartbeat.grace_s,
            time_zone=heartbeat.time_zone,
            overrun=heartbeat.waits_for_end,
        ),
        about={"reason": "overran" if heartbeat.waits_for_end else "late", "expected_at": expected_at.isoformat()},
        since=expected_at,
        now=now,
    )


def _put_off(heartbeat: Heartbeat, now: datetime) -> None:
    Heartbeat.objects.filter(pk=heartbeat.pk).update(next_look_at=now + LOOK_AGAIN)
    alarm_administrators(
        cause=f"heartbeat:{heartbeat.pk}",
        sentence=f"The heartbeat “{heartbeat.name}” can't be watched. Look at its schedule and its time zone.",
        now=now,
    )


def _longest_run(heartbeat: Heartbeat) -> timedelta | None:
    return timedelta(seconds=heartbeat.max_run_s) if heartbeat.max_run_s is not None else None
