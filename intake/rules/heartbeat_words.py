"""What a heartbeat's alert says; pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from intake.rules.heartbeats import Schedule
from intake.rules.spans import write_span

EXCERPT: Final = 500
"""Characters of a job's output that its alert shows; the whole stands with the heartbeat."""


def late_summary(name: str, *, expected_at: datetime, grace_s: int, time_zone: str, overrun: bool) -> str:
    """Return the sentence about a job that has not reported, or whose run has not ended, in its own zone."""
    when = in_zone(expected_at, time_zone)
    if overrun:
        return f"{name} is late: its run should have ended by {when}."
    within = f" within {write_span(grace_s)}" if grace_s else ""
    return f"{name} is late: it should have reported at {when}, and did not{within}."


def failed_summary(name: str, *, exit_status: int | None) -> str:
    """Return the sentence about a job that said it failed."""
    return f"{name} failed." if exit_status is None else f"{name} failed with exit status {exit_status}."


def excerpt(body: str) -> str:
    """Return the end of a job's output, where the reason mostly stands."""
    text = body.strip()
    return text if len(text) <= EXCERPT else "…" + text[-EXCERPT:]


def in_zone(moment: datetime, time_zone: str) -> str:
    """Return "06:00 UTC on 22 Nov", on the clocks of `time_zone`."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{local:%H:%M} {local.tzname()} on {local.day} {local:%b}"


def told(schedule: Schedule) -> str:
    """Return a schedule as people say it: "every 5 min", "0 6 * * * (UTC)"."""
    if schedule.period_s is not None:
        return f"every {write_span(schedule.period_s)}"
    return f"{schedule.cron} ({schedule.time_zone})"
