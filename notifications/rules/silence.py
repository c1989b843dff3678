"""What happens to an acknowledged page when its time comes: pure.

Somebody has it, but nothing was heard since: they are reminded, then the page starts again. A snoozed page starts
again when its time is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from notifications.rules.frozen_policy import FrozenPolicy


class Quiet(Enum):
    """What to do with an acknowledged page that came due."""

    REMIND = "remind"
    REPAGE = "repage"
    REST = "rest"


def due_for(*, reminded_at: datetime | None, snoozed_until: datetime | None, policy: FrozenPolicy) -> Quiet:
    """Return what an acknowledged page whose `next_step_at` has come needs.

    REST only for a page whose policy foresees nothing more: its `next_step_at` is cleared.
    """
    if snoozed_until is not None:
        return Quiet.REPAGE
    if reminded_at is None:
        return Quiet.REMIND if policy.remind_after_s is not None else Quiet.REST
    return Quiet.REPAGE if policy.repage_after_s is not None else Quiet.REST


def remind_at(*, policy: FrozenPolicy, now: datetime) -> datetime | None:
    """Return when silence from `now` on brings a reminder; None: never."""
    return None if policy.remind_after_s is None else now + timedelta(seconds=policy.remind_after_s)


def repage_at(*, policy: FrozenPolicy, now: datetime) -> datetime | None:
    """Return when silence after a reminder sent `now` starts the page again; None: never."""
    return None if policy.repage_after_s is None else now + timedelta(seconds=policy.repage_after_s)
