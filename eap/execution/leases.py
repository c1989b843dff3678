"""What became of executions whose executor has not been heard of: they are done again, asked about, or stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from django.db import transaction

from eap.actions.base import Trouble
from eap.documents import described, pinned
from eap.execution.record import look_at
from eap.models import Run, RunStep, StepTarget
from eap.operations.runs.executions import action_of, call_of
from eap.operations.runs.news import DUTY
from engine import wake

MOST_CRASHES: Final = 5
"""An execution that took its process with it so often is given to a person."""
P = StepTarget.Purpose
S = StepTarget.State

log = structlog.get_logger(__name__)


def free_leases(*, now: datetime, limit: int = 200) -> int:
    """Take executions whose lease is over from their executors; return how many.

    Where the run or step goes on, another executor takes them: it repeats what does no harm a second time, under the
    same key, and asks the action about the rest. Where it was stopped, nobody can prove that the work has ended unless
    it only looked. Locks each run, then its execution.
    """
    expired = StepTarget.objects.filter(state=S.RUNNING, lease_until__lte=now).order_by("lease_until")
    freed = 0
    for row in list(expired.select_related("step", "run")[:limit]):
        with transaction.atomic():
            look_at(row.run_id, now=now)
            mine = StepTarget.objects.filter(pk=row.pk, fence=row.fence, state=S.RUNNING, lease_until__lte=now)
            freed += mine.update(lease_until=None, **_becomes(row, now))
            wake.after_commit(DUTY, "automations")
        log.warning("execution_abandoned", execution=row.pk, fence=row.fence)
    return freed


def _becomes(row: StepTarget, now: datetime) -> dict[str, object]:
    if row.purpose != P.PREVIEW and (row.run.stop == Run.Stop.NOW or row.step.state != RunStep.State.ACTIVE):
        looked_only = _only_looks(row)
        sentence = "Stopped." if looked_only else "Its process ended before it could say whether the work has stopped."
        return {"state": S.STOPPED, "stop_confirmed": looked_only, "ended_at": now, "sentence": sentence}
    if row.fence > row.tries + MOST_CRASHES:
        sentence = f"Its process ended {MOST_CRASHES} times while it ran; it is not tried again by itself."
        return {"state": S.UNKNOWN, "ended_at": now, "sentence": sentence}
    return {"state": S.PENDING, "released_at": now, "resuming": True}


def _only_looks(row: StepTarget) -> bool:
    try:
        step = described(row.step, pinned(row.run.version_id))
        return row.purpose in (P.REHEARSE, P.VERIFY) or action_of(call_of(step)).effects == "pure"
    except Trouble:
        return False
