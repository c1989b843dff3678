"""Steps that need locks above the run's or another run's: sub-plans, drafts on the status page, stops passed down.

Each errand is one transaction that looks under the lock whether it is still wanted, so it happens once however often it
is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from eap.actions.base import Trouble
from eap.actions.texts import fill
from eap.models import Plan, Run, RunStep
from eap.operations.runs.advance import advance
from eap.operations.runs.board import Board, S, lock_board
from eap.operations.runs.draft_step import draft_for
from eap.operations.runs.ending import fail, finish
from eap.operations.runs.open_incident import open_for_failures
from eap.operations.runs.start_run import start_run
from eap.operations.runs.stop_run import stop_run
from eap.roles import Roles
from ledger.actor import Actor
from web.errors import BadInput, IllegalMove, NotFound, Refusal

BATCH: Final = 50
ENGINE: Final = Actor.system()

log = structlog.get_logger(__name__)


def run_errands(*, now: datetime) -> int:
    """Do what errands there are, and return how many; one that fails ends its step with its sentence."""
    waiting = RunStep.objects.filter(state=S.ACTIVE, link="", run__state=Run.State.RUNNING)
    errands: list[tuple[int, Callable[[], None]]] = [
        (pk, partial(_draft if kind == "status_update" else _start_sub_plan, pk, now=now))
        for pk, kind in waiting.filter(kind__in=["status_update", "sub_plan"]).values_list("pk", "kind")[:BATCH]
    ]
    for pk, errand in errands:
        try:
            with transaction.atomic():
                errand()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("errand_failed", step=pk)
            sentence = (
                error.sentence if isinstance(error, Refusal) else f"It broke ({type(error).__name__}); see the log."
            )
            with transaction.atomic():
                _give_up(pk, sentence, now=now)
    return len(errands) + _pass_stops_on(now) + open_for_failures(now=now)


def _start_sub_plan(step_id: int, *, now: datetime) -> None:
    board, step = _still_wanted(step_id, now=now)
    if step is None:
        return
    sub = board.described[step.key].sub_plan
    assert sub is not None  # noqa: S101  (the format demands it of this kind)
    plan = Plan.objects.filter(key=sub.plan, archived_at=None).select_related("published", "published__plan").first()
    if plan is None or plan.published is None:
        raise NotFound(f"There is no published plan {sub.plan!r}.")
    try:
        inputs: dict[str, Any] = fill(sub.inputs, board.values())
    except Trouble as trouble:
        raise BadInput(trouble.sentence) from trouble
    child = start_run(
        version=plan.published,
        inputs=inputs,
        incident=board.incident,
        drill=board.run.drill,
        reason=f"A step of {board.run.title}",
        via="plan",
        parent=step,
        by=ENGINE,
        now=now,
    )
    step.link = f"/runs/{child.pk}/"
    board.changed(step)
    advance([board])


def _draft(step_id: int, *, now: datetime) -> None:
    found = RunStep.objects.select_related("run__incident").get(pk=step_id)
    with draft_for(found.run.incident, now=now) as draft:
        board, step = _still_wanted(step_id, now=now)
        if step is None:
            return
        update = board.described[step.key].update
        assert update is not None  # noqa: S101  (the format demands it of this kind)
        step.link = draft(update, board.values(), by=Actor.system(board.run.title))
        finish(board, step, "A draft waits on the status page; a person approves and publishes it.")
        advance([board])


def _still_wanted(step_id: int, *, now: datetime) -> tuple[Board, RunStep | None]:
    run_id = RunStep.objects.values_list("run_id", flat=True).get(pk=step_id)
    board = lock_board(run_id, by=ENGINE, now=now)
    step = next(each for each in board.steps if each.pk == step_id)
    wanted = step.state == S.ACTIVE and not step.link and board.run.state == Run.State.RUNNING
    return board, step if wanted else None


def _give_up(step_id: int, sentence: str, *, now: datetime) -> None:
    board, step = _still_wanted(step_id, now=now)
    if step is not None:
        fail(board, step, sentence, roles=Roles(now=now))
        advance([board])


def _pass_stops_on(now: datetime) -> int:
    """Stop the runs that carry out steps of runs that stop, in the same way."""
    children = Run.objects.filter(
        state__in=Run.OPEN,
        parent__run__state=Run.State.STOPPING,
        parent__run__stop__in=[Run.Stop.NOW, Run.Stop.AFTER_BATCH],
    ).exclude(stop=F("parent__run__stop"))
    passed = 0
    found: list[tuple[UUID, str, str]] = list(
        children.values_list("pk", "parent__run__stop", "parent__run__title")[:BATCH]
    )
    for run_id, how, title in found:
        try:
            with transaction.atomic():
                stop_run(run_id=run_id, how=how, by=Actor.system(title), now=now)
                passed += 1
        except IllegalMove:
            continue  # it ended by itself meanwhile
    return passed
