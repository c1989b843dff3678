"""Go on with runs: take in what happened, unlock what can begin, end what is over. The heart of it all.

Everything about a batch of runs is one commit. People's moves call it for their one run, the duty "runs" for all whose
time has come. It waits for nothing and calls nobody: what takes time is an execution, a page, an errand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from eap.format.expressions import Senseless, holds
from eap.models import Run, RunStep
from eap.operations.runs.begin import begin
from eap.operations.runs.board import Board, S, save_boards
from eap.operations.runs.ending import bypass, end_run, fail
from eap.operations.runs.remind import is_remindable, remind
from eap.operations.runs.settle import settle_executions
from eap.operations.runs.stopping import end_if_stopped, stop_what_can
from eap.operations.runs.unanswered import ask_instead
from eap.operations.runs.waiting import call_when_known, look_at_approval, look_at_child, look_at_page, look_at_wait
from eap.roles import Roles
from eap.rules.unlocking import Node, Stand, is_over, unlock
from notifications.models import Page

R = Run.State
_STANDS: Final = {
    S.WAITING: Stand.WAITING,
    S.READY: Stand.LIVING,
    S.ACTIVE: Stand.LIVING,
    S.DONE: Stand.PASSED,
    S.UNKNOWN: Stand.HELD,
    S.CANCELLED: Stand.CANCELLED,
}


def advance(boards: Sequence[Board]) -> None:
    """Go on with these locked runs and save them. The time is that of their news."""
    if not boards:
        return
    roles = Roles(now=boards[0].now)
    open_ = [board for board in boards if board.run.is_open]
    settle_executions(open_, roles)
    _look(open_, roles)
    for board in open_:
        go_on(board, roles)
    save_boards(boards)


def go_on(board: Board, roles: Roles) -> None:
    """Unlock, stop, end one run, and note when it is to be looked at next."""
    if board.run.state == R.RUNNING:
        _unlock_all(board, roles)
    if board.run.state == R.STOPPING:
        stop_what_can(board)
        end_if_stopped(board)
    elif board.run.state == R.RUNNING and is_over(stand(step) for step in board.steps):
        _end(board)
    if board.run.is_open:
        board.run.next_look_at = _next_look(board)


def stand(step: RunStep) -> Stand:
    """Return how a step stands for those that need it."""
    if step.state == S.SKIPPED:
        return Stand.BYPASSED if step.bypassed else Stand.PASSED
    if step.state == S.FAILED:
        return Stand.PASSED if step.lets_pass else Stand.HELD
    return _STANDS[S(step.state)]


def nodes_of(board: Board) -> list[Node]:
    """Return the graph of a run, added steps included."""
    return [
        Node(key=step.key, needs=board.described[step.key].needs, join=board.described[step.key].join)
        for step in board.steps
    ]


def _unlock_all(board: Board, roles: Roles) -> None:
    """Unlock until nothing more follows: a step that is over at once unlocks the next ones."""
    nodes = nodes_of(board)
    senseless: dict[str, str] = {}

    def wanted(key: str) -> bool:
        condition = board.described[key].when
        if condition is None:
            return True
        try:
            return holds(condition, board.values())
        except Senseless as error:
            senseless[key] = error.sentence
            return True

    while board.run.state == R.RUNNING:
        found = unlock(nodes, {step.key: stand(step) for step in board.steps}, wanted=wanted)
        for key in found.bypass:
            condition = board.described[key].when
            met = any(stand(board.by_key[need]) is Stand.PASSED for need in board.described[key].needs)
            by_condition = condition is not None and (met or not board.described[key].needs)
            bypass(board, board.by_key[key], f"Not needed: {condition}" if by_condition else "Not on the chosen way.")
        for key in found.begin:
            step = board.by_key[key]
            if key in senseless:
                step.ready_at = board.now
                fail(board, step, f"Its condition can't be worked out: {senseless[key]}", roles=roles)
            elif board.run.state == R.RUNNING:
                begin(board, step, roles)
        if not found.begin and not found.bypass:
            return


def _end(board: Board) -> None:
    failed = sum(1 for step in board.steps if step.state == S.FAILED)
    if board.run.undoing:
        end_run(board, R.STOPPED, "What could be taken back was taken back.")
        return
    passed_over = f" {failed} failed, and the plan went on." if failed else ""
    end_run(board, R.DONE, f"All steps are over.{passed_over}")


def _look(boards: Sequence[Board], roles: Roles) -> None:
    """Look at what waits for time, pages and other runs."""
    active = [(board, step) for board in boards for step in board.steps if step.state == S.ACTIVE]
    unanswered = _unanswered(boards)
    pages = _pages([step.page_id for _, step in active if step.kind == "page" and step.page_id])
    children = _children([step.pk for _, step in active if step.kind == "sub_plan"])
    for board in boards:
        if board.run.state == R.PAUSED:
            continue
        for step in [each for each in board.steps if each.page_id in unanswered]:
            ask_instead(board, step, roles)
        for step in [each for each in board.steps if each.state in (S.READY, S.ACTIVE)]:
            _look_at(board, step, pages, children, roles)


def _look_at(board: Board, step: RunStep, pages: dict[UUID, Page], children: dict[int, Run], roles: Roles) -> None:
    if step.kind == "page":
        look_at_page(board, step, pages, roles)
    elif step.kind == "sub_plan":
        look_at_child(board, step, children, roles)
    elif step.call_at is not None:
        call_when_known(board, step, roles)
    if step.wake_at is not None and step.wake_at <= board.now:
        board.changed(step)
        if step.kind == "wait":
            look_at_wait(board, step, roles)
        elif step.kind == "approval":
            look_at_approval(board, step, roles)
    if step.remind_at is not None and step.remind_at <= board.now and is_remindable(step):
        remind(board, step, roles)


def _unanswered(boards: Sequence[Board]) -> set[UUID]:
    """Return which of the pages that call for these runs' steps nobody answered; those of page steps end their step."""
    ids = [step.page_id for board in boards for step in board.steps if step.page_id and not _is_page(step)]
    return (
        set(Page.objects.filter(pk__in=ids, state=Page.State.EXHAUSTED).values_list("pk", flat=True)) if ids else set()
    )


def _is_page(step: RunStep) -> bool:
    return step.kind == "page" and step.state == S.ACTIVE


def _pages(ids: list[UUID]) -> dict[UUID, Page]:
    return {page.pk: page for page in Page.objects.filter(pk__in=ids).select_related("acknowledged_by")} if ids else {}


def _children(step_ids: list[int]) -> dict[int, Run]:
    if not step_ids:
        return {}
    # The newest of each step: a retry starts another run.
    return {
        run.parent_id: run for run in Run.objects.filter(parent__in=step_ids).order_by("started_at") if run.parent_id
    }


def _next_look(board: Board) -> datetime | None:
    if board.run.state == R.PAUSED:
        return None
    moments = [
        moment
        for step in board.steps
        if step.state in (S.READY, S.ACTIVE)
        for moment in (step.wake_at, step.remind_at, step.call_at)
        if moment is not None
    ]
    return min(moments, default=None)
