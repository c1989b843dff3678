"""Record what an execution came to, under its fence, and have its run looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F

from eap.execution.claim import Claimed
from eap.models import StepTarget
from eap.operations.runs.news import DUTY
from engine import wake

LONGEST_WAIT_S: Final = 3_600
MOST_FACTS: Final = 100
LONGEST_FACT: Final = 1_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an execution came to. `again_after_s`: it failed for a passing reason and is tried again by itself."""

    state: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    stop_confirmed: bool | None = None
    again_after_s: float | None = None


def record(claimed: Claimed, outcome: Outcome, *, now: datetime) -> bool:
    """Record the outcome if the execution is still ours, and return whether it was.

    Locks the run (by having it looked at), then the execution. A result under an old fence changes nothing: somebody
    else carries it out by now.
    """
    with transaction.atomic():
        look_at(claimed.run_id, now=now)
        mine = StepTarget.objects.filter(pk=claimed.id, fence=claimed.fence, state=StepTarget.State.RUNNING)
        again = outcome.again_after_s
        if again is not None:
            wait = timedelta(seconds=min(again, LONGEST_WAIT_S))
            recorded = mine.update(
                state=StepTarget.State.PENDING,
                released_at=now + wait,
                lease_until=None,
                resuming=False,
                tries=F("tries") + 1,
                sentence=f"{outcome.sentence} It is tried again.",
            )
        else:
            recorded = mine.update(
                state=outcome.state,
                ended_at=now,
                lease_until=None,
                resuming=False,
                sentence=outcome.sentence[:1000],
                facts=_plain(outcome.facts),
                stop_confirmed=outcome.stop_confirmed,
            )
        if not recorded:
            log.warning("late_result_not_recorded", execution=claimed.id, fence=claimed.fence)
            transaction.set_rollback(True)
            return False
        wake.after_commit(DUTY)
    return True


def look_at(run_id: UUID, *, now: datetime) -> None:
    """Have the duty look at an open run at once; locks its row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE eap_run SET next_look_at = least(coalesce(next_look_at, %s), %s)"
            " WHERE id = %s AND state IN ('running', 'paused', 'stopping')",
            [now, now, run_id],
        )


def _plain(facts: Mapping[str, Any]) -> dict[str, str | int | bool]:
    """Return facts as the ledger can hold them: text, whole numbers, booleans, and not too many."""
    found: dict[str, str | int | bool] = {}
    for name, value in list(facts.items())[:MOST_FACTS]:
        if name not in ("state", "choice"):
            found[str(name)] = value if isinstance(value, bool | int) else str(value)[:LONGEST_FACT]
    return found
