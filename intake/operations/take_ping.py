"""Take a job's report: keep it, and open or resolve the job's alert where its state changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from django.db import transaction

from intake.models import Heartbeat, IntegrationKey, Ping
from intake.operations.tell_of_heartbeat import tell_trouble, tell_well
from intake.operations.watch_heartbeat import wait_for_next
from intake.rules.heartbeat_words import excerpt, failed_summary
from intake.rules.heartbeats import Signal, Standing, State, stand_after
from web import live

TROUBLE: Final = (Heartbeat.State.LATE, Heartbeat.State.FAILED)
FRESH_S: Final = 5
"""Screens hear of a heartbeat's reports at most so often, unless its state changes."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a job sent. `body` holds no NUL and at most what is kept; `came_from` is an address or ""."""

    signal: Signal
    exit_status: int | None = None
    run_id: str = ""
    body: str = ""
    body_cut: bool = False
    came_from: str = ""


def take_ping(*, digest: str, report: Report, now: datetime) -> bool:
    """Keep a report of the heartbeat whose key has this SHA-256; False, with nothing stored, when there is none.

    One transaction of its own, which locks the heartbeat, then its alert; wakes the engine after the commit. Raises
    `django.db.OperationalError` when the database can't take it.
    """
    with transaction.atomic():
        rows = Heartbeat.objects.select_for_update(no_key=True, of=("self",)).select_related("integration")
        key = {"integration__digest": digest, "integration__kind": IntegrationKey.Kind.HEARTBEAT}
        heartbeat = rows.filter(**key, integration__revoked_at=None).first()
        if heartbeat is None:
            return False
        _take(heartbeat, report, now)
    return True


def _take(heartbeat: Heartbeat, report: Report, now: datetime) -> None:
    was = Standing(state=cast(State, heartbeat.state), started_at=heartbeat.started_at, run_id=heartbeat.run_id)
    stands = stand_after(report.signal, was, run_id=report.run_id, now=now)
    ping = _keep(heartbeat, report, now)
    freshly = heartbeat.last_ping_at is None or now - heartbeat.last_ping_at > timedelta(seconds=FRESH_S)
    heartbeat.state, heartbeat.started_at, heartbeat.run_id = stands.state, stands.started_at, stands.run_id
    heartbeat.last_ping_at, heartbeat.ping_count = now, ping.number
    if report.signal != "start":
        heartbeat.last_end_at = now
    if report.signal == "success":
        heartbeat.last_success_at = now
    if stands.state != "paused":
        wait_for_next(heartbeat, began=report.signal == "start")
    heartbeat.save(
        update_fields=[
            *("state", "started_at", "run_id", "last_ping_at", "last_end_at", "last_success_at", "ping_count"),
            *("expected_at", "next_look_at", "waits_for_end"),
        ]
    )
    if report.signal == "fail" and stands.state == "failed":
        _tell_failure(heartbeat, ping, now)
    elif report.signal == "success" and was.state in TROUBLE:
        tell_well(heartbeat=heartbeat, why="It has reported success.", now=now)
    if freshly or was.state != stands.state:
        live.changed("heartbeats")


def _keep(heartbeat: Heartbeat, report: Report, now: datetime) -> Ping:
    return Ping.objects.create(
        heartbeat=heartbeat,
        number=heartbeat.ping_count + 1,
        signal=report.signal,
        exit_status=report.exit_status,
        run_id=report.run_id,
        at=now,
        duration_ms=_duration_ms(heartbeat, report, now),
        body=report.body,
        body_cut=report.body_cut,
        came_from=report.came_from,
    )


def _duration_ms(heartbeat: Heartbeat, report: Report, now: datetime) -> int | None:
    """Return how long the run took that ends by this report: of its own start, else of the one that is on."""
    if report.signal == "start":
        return None
    began = heartbeat.started_at
    if report.run_id and report.run_id != heartbeat.run_id:
        starts = heartbeat.pings.filter(signal=Ping.Signal.START, run_id=report.run_id).exclude(run_id="")
        own = starts.order_by("-number").values_list("at", flat=True).first()
        began = own if own is not None or heartbeat.run_id else began
    return max(0, round((now - began).total_seconds() * 1000)) if began is not None else None


def _tell_failure(heartbeat: Heartbeat, ping: Ping, now: datetime) -> None:
    about = {"reason": "failed", "exit_status": ping.exit_status, "run": ping.run_id, "output": excerpt(ping.body)}
    tell_trouble(
        heartbeat=heartbeat,
        summary=failed_summary(heartbeat.name, exit_status=ping.exit_status),
        about={name: value for name, value in about.items() if value not in (None, "")},
        since=now,
        now=now,
    )
