"""What a maintenance is due for; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from statuspage.rules.stages import RUNNING


class Due(Enum):
    """What Muster does by itself."""

    REMIND = "remind"
    START = "start"
    END = "end"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The times and wishes of a published maintenance."""

    status: str
    published_at: datetime
    scheduled_for: datetime
    scheduled_until: datetime
    auto_start: bool
    auto_end: bool
    remind_before_s: int | None
    reminded_at: datetime | None


def due(plan: Plan, now: datetime) -> tuple[Due, datetime] | None:
    """Return what is due and since when, None for nothing.

    A start that was missed is made up for, and then the end. A reminder is not: after the start it would be a joke, and
    whoever was told within its time already needs none.
    """
    if plan.status in RUNNING:
        return (Due.END, plan.scheduled_until) if plan.auto_end and plan.scheduled_until <= now else None
    if plan.status != "scheduled":
        return None
    if plan.scheduled_for <= now:
        return (Due.START, plan.scheduled_for) if plan.auto_start else None
    if plan.remind_before_s is None or plan.reminded_at is not None:
        return None
    remind_at = plan.scheduled_for - timedelta(seconds=plan.remind_before_s)
    return (Due.REMIND, remind_at) if plan.published_at < remind_at <= now else None
