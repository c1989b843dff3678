"""What the engine does for runs when it is due, and what it watches.

What documents of plans are made of takes 10 MiB: it is loaded by the first run there is, not with the engine.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from eap.execution.claim import due
from eap.models import Plan, Run, RunSchedule, StepTarget
from eap.operations.runs.news import DUTY, IDS_PER_MESSAGE, QUEUE, TASK
from engine import broker, watch
from engine.duties import Duty, Tick, register
from ledger.actor import Actor
from notifications.operations.alarm_administrators import alarm_administrators

if TYPE_CHECKING:
    from eap.execution.executor import Executor

BATCH: Final = 50
PUSH_AWAY: Final = timedelta(seconds=30)
PATIENCE: Final = timedelta(seconds=2)
"""What no worker took after this long, the engine carries out itself."""
OVERDUE_LIMIT_S: Final = 30.0
ENGINE: Final = Actor.system()
MOST_DUE: Final = 500
SLOTS: Final = 8

log = structlog.get_logger(__name__)

# An answer to a page can only end a page step; any step's page that nobody answered has somebody else asked. Only then
# is the run looked at. What a page's news say else is not ours.
_TAKE_NEWS: Final = """
WITH news AS (
    DELETE FROM notifications_pagerecheck WHERE id IN (
        SELECT id FROM notifications_pagerecheck WHERE subject LIKE 'run:%%' ORDER BY id LIMIT 2000
        FOR UPDATE SKIP LOCKED)
    RETURNING subject)
SELECT DISTINCT step.run_id FROM news JOIN eap_runstep AS step ON step.run_id = substr(news.subject, 5)::uuid
WHERE step.kind = 'page' AND step.state = 'active' OR step.page_id IS NOT NULL AND EXISTS (
    SELECT FROM notifications_page AS page WHERE page.id = step.page_id AND page.state = 'exhausted')
UNION
SELECT step.run_id FROM eap_runstep AS step JOIN eap_run AS child ON child.parent_id = step.id
WHERE step.kind = 'sub_plan' AND step.state = 'active' AND step.link = '/runs/' || child.id || '/'
  AND child.state IN ('done', 'failed', 'stopped')
"""


def advance_runs(tick: Tick) -> int:
    """Advance one batch of runs that are due, and those that have news; return how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE_NEWS)
        with_news = [row[0] for row in cursor.fetchall()]
        if with_news:
            cursor.execute(
                "UPDATE eap_run SET next_look_at = %s WHERE id IN (SELECT id FROM eap_run WHERE id = ANY(%s)"
                " AND state IN ('running', 'stopping') ORDER BY id FOR NO KEY UPDATE)",
                [tick.now, with_news],
            )
    return _advance_due(tick.now)


def _advance_due(now: datetime) -> int:
    ids = _due(now)
    if not ids:
        return 0
    try:
        return _advance(ids, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("runs_not_advanced_together")
        return sum(_advance_one(run_id, now) for run_id in ids)


def _due(now: datetime) -> list[UUID]:
    return list(Run.objects.filter(next_look_at__lte=now).order_by("next_look_at").values_list("pk", flat=True)[:BATCH])


def _advance(ids: list[UUID], now: datetime) -> int:
    from eap.operations.runs.advance import advance
    from eap.operations.runs.board import lock_boards

    with transaction.atomic():
        boards = lock_boards(ids, by=ENGINE, now=now, skip_locked=True)
        advance([board for board in boards if board.run.next_look_at is not None and board.run.next_look_at <= now])
    return len(boards)


def _advance_one(run_id: UUID, now: datetime) -> int:
    """Advance a run alone; one that fails is pushed away with its trouble visible, and blocks no other."""
    try:
        return _advance([run_id], now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("run_not_advanced", run=str(run_id))
        sentence = f"It could not go on ({type(error).__name__}); it is tried again every {PUSH_AWAY.seconds} seconds."
        with transaction.atomic():
            Run.objects.filter(pk=run_id).update(next_look_at=now + PUSH_AWAY, trouble=sentence)
            alarm_administrators(cause="runs-stuck", sentence="A run of a plan can't go on; see its page.", now=now)
        return 1


def carry_out(tick: Tick) -> int:
    """See to executions: take over abandoned ones, hand over what came due, carry out what no worker takes.

    Nothing here waits for an action. Returns what it took over; the rest goes its own way.
    """
    freed = _free_leases(tick.now)
    ids = due(before=tick.now, limit=MOST_DUE)
    if ids:
        late = set(ids) if broker.is_lost() else set(due(before=tick.now - PATIENCE, limit=MOST_DUE))
        fresh = [str(each) for each in ids if each not in late]
        messages = [",".join(fresh[at : at + IDS_PER_MESSAGE]) for at in range(0, len(fresh), IDS_PER_MESSAGE)]
        broker.hand_over(TASK, messages, QUEUE)
        if late:
            engine_executor().add(sorted(late))
    return freed


def _free_leases(now: datetime) -> int:
    if not StepTarget.objects.filter(state="running", lease_until__lte=now).exists():
        return 0
    from eap.execution.leases import free_leases

    return free_leases(now=now)


@cache
def engine_executor() -> Executor:
    """Return the threads in which the engine carries out what no worker takes."""
    from eap.execution.executor import Executor

    return Executor(slots=SLOTS, name="engine-execute")


def see_to_errands(tick: Tick) -> int:
    """Start sub-plans, lay drafts on the page, pass stops on, open incidents for failed runs; return how many."""
    if not Run.objects.filter(Q(state__in=Run.OPEN) | Q(on_failure=Run.OnFailure.WANTED)).exists():
        return 0
    from eap.operations.runs.errands import run_errands

    return run_errands(now=tick.now)


def start_what_is_due(tick: Tick) -> int:
    """Start plans for new incidents and by schedule; return how many."""
    wishes = Plan.objects.filter(archived_at=None, published__isnull=False).exclude(started_by_incidents={})
    if not (wishes.exists() or RunSchedule.objects.filter(next_at__lte=tick.now).exists()):
        return 0
    from eap.operations.starts.by_incident import start_for_incidents
    from eap.operations.starts.by_schedule import start_scheduled

    return start_for_incidents(now=tick.now) + start_scheduled(now=tick.now)


def _oldest_due_s(now: datetime) -> float:
    oldest = Run.objects.filter(next_look_at__lte=now).order_by("next_look_at").values_list("next_look_at", flat=True)
    first = oldest.first()
    return (now - first).total_seconds() if first else 0.0


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name=DUTY, run=advance_runs))
    register(Duty(name="automations", run=carry_out))
    register(Duty(name="errands", run=see_to_errands))
    register(Duty(name="plan_starts", run=start_what_is_due))
    watch.register_gauge(
        "oldest_due_run_s",
        _oldest_due_s,
        limit=OVERDUE_LIMIT_S,
        sentence="A run of a plan has been waiting to go on for too long, in seconds",
    )
