"""Heartbeats as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.conf import settings

from intake.models import Heartbeat, Ping
from intake.operations.change_heartbeat import HeartbeatDraft
from web.api import Schema, Window
from web.api.fields import Given, Name

Severity = Literal["critical", "error", "warning", "info"]


class HeartbeatsAsked(Window):
    """Which heartbeats: those that stand so."""

    state: Literal["", "new", "up", "started", "late", "failed", "paused"] = ""


class HeartbeatIn(Given):
    """A job that must report: every `period_s` seconds, or as `cron` (five fields) says in `time_zone`.

    It is late `grace_s` seconds after a report should have come. A run whose start was reported may take `max_run_s`
    seconds. `service` (key or id) is what its alert is about, `severity` how heavy that is.
    """

    name: Name
    service: Name | None = None
    severity: Severity = "error"
    period_s: int | None = None
    cron: Name = ""
    time_zone: Name = "UTC"
    grace_s: int = 300
    max_run_s: int | None = None


class HeartbeatChangeIn(Given):
    """What of a heartbeat is to change; what is left out stays. Giving one of `period_s` and `cron` ends the other."""

    name: Name | None = None
    service: Name | None = None
    severity: Severity | None = None
    period_s: int | None = None
    cron: Name | None = None
    time_zone: Name | None = None
    grace_s: int | None = None
    max_run_s: int | None = None

    def over(self, known: Heartbeat) -> HeartbeatDraft:
        """Return what the heartbeat is to be; its service is as it was."""
        named = self.model_fields_set
        kept = {
            name: getattr(self, name) if getattr(self, name) is not None else getattr(known, name)
            for name in ("name", "severity", "time_zone", "grace_s")
        }
        cron = (self.cron or "") if "cron" in named else "" if self.period_s is not None else known.cron
        period_s = self.period_s if "period_s" in named else None if self.cron else known.period_s
        max_run_s = self.max_run_s if "max_run_s" in named else known.max_run_s
        return HeartbeatDraft(service=known.service, cron=cron, period_s=period_s, max_run_s=max_run_s, **kept)


class HeartbeatOut(Schema):
    """A job that must report, and how it stands.

    `expected_at` is when its next report (with `waits_for_end` the end of its run) is expected or was missed, `late_at`
    when it will be late; null once it is, or while it is paused. `ping_url` is shown to administrators.
    """

    id: str
    name: str
    service: str | None
    severity: str
    period_s: int | None
    cron: str
    time_zone: str
    grace_s: int
    max_run_s: int | None
    state: str
    last_ping_at: datetime | None
    last_success_at: datetime | None
    started_at: datetime | None
    expected_at: datetime | None
    late_at: datetime | None
    waits_for_end: bool
    created_at: datetime
    ping_url: str | None


class PingOut(Schema):
    """One report of a job. `duration_ms` is of the run that it ended, null where its start was not heard."""

    number: int
    signal: Literal["start", "success", "fail"]
    exit_status: int | None
    run_id: str
    at: datetime
    duration_ms: int | None
    body: str
    body_cut: bool
    came_from: str


def heartbeat_out(heartbeat: Heartbeat, *, with_address: bool) -> HeartbeatOut:
    """Return a heartbeat whose integration and service are at hand."""
    waits = heartbeat.state not in (Heartbeat.State.LATE, Heartbeat.State.PAUSED)
    return HeartbeatOut(
        id=str(heartbeat.pk),
        name=heartbeat.name,
        service=heartbeat.service.key if heartbeat.service else None,
        severity=heartbeat.severity,
        period_s=heartbeat.period_s,
        cron=heartbeat.cron,
        time_zone=heartbeat.time_zone,
        grace_s=heartbeat.grace_s,
        max_run_s=heartbeat.max_run_s,
        state=heartbeat.state,
        last_ping_at=heartbeat.last_ping_at,
        last_success_at=heartbeat.last_success_at,
        started_at=heartbeat.started_at,
        expected_at=heartbeat.expected_at,
        late_at=heartbeat.next_look_at if waits else None,
        waits_for_end=heartbeat.waits_for_end,
        created_at=heartbeat.created_at,
        ping_url=f"{settings.PUBLIC_URL}/ping/{heartbeat.integration.key}" if with_address else None,
    )


def ping_out(ping: Ping) -> PingOut:
    """Return a report as it came."""
    return PingOut.model_validate(ping, from_attributes=True)
