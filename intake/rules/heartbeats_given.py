"""What a heartbeat may be; pure."""

from __future__ import annotations

from typing import Final
from zoneinfo import available_timezones

from intake.rules.heartbeats import cron_fault

LONGEST_NAME: Final = 100
LONGEST_S: Final = 366 * 24 * 3600
"""A year: what reports less often is forgotten before it is missed."""


def faults(
    *, name: str, period_s: int | None, cron: str, time_zone: str, grace_s: int, max_run_s: int | None
) -> dict[str, str]:
    """Return by field what is wrong, each in a sentence."""
    errors: dict[str, str] = {}
    if not name.strip():
        errors["name"] = "Give the heartbeat a name; it stands in alerts."
    elif len(name.strip()) > LONGEST_NAME:
        errors["name"] = f"A name has at most {LONGEST_NAME} characters."
    errors |= _of_schedule(period_s, cron, time_zone)
    if not 0 <= grace_s <= LONGEST_S:
        errors["grace_s"] = "The grace is 0 seconds to a year."
    if max_run_s is not None and not 1 <= max_run_s <= LONGEST_S:
        errors["max_run_s"] = "A run may take 1 second to a year."
    return errors


def _of_schedule(period_s: int | None, cron: str, time_zone: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if (period_s is None) == (not cron.strip()):
        errors["cron"] = "Give a period or a cron expression, and not both."
    if period_s is not None and not 1 <= period_s <= LONGEST_S:
        errors["period_s"] = "A period is 1 second to a year."
    elif cron.strip() and (wrong := cron_fault(cron)):
        errors["cron"] = wrong
    if time_zone not in available_timezones():
        errors["time_zone"] = "Choose a time zone such as Europe/Stockholm."
    return errors
