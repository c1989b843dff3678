"""Take back what a run did: its declared undos in reverse order, back to the last point of no return."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from eap.format.document import Step
from eap.models import Run, RunStep
from eap.operations.runs.add_step import add_row
from eap.operations.runs.advance import advance
from eap.operations.runs.board import Board, S, lock_board
from eap.operations.runs.ending import MACHINES, cancel, stop_pending
from eap.rules.transitions import why_not_run
from ledger.actor import Actor
from web.errors import BadInput, IllegalMove


def undo_run(*, run_id: UUID | str, reason: str, by: Actor, now: datetime) -> Run:
    """Walk back: one added step for each step that can be taken back, the last one first, one after the other.

    What still waited is cancelled. The run, also one that had ended, goes on until all of it is taken back and is then
    `stopped`. A step that fails on the way back holds it up as any other. Undoing already, nothing changes. Raises
    `BadInput` without a reason, `IllegalMove` where something is under way or nothing can be taken back. Locks the run.
    """
    if not reason.strip():
        sentence = "Say why it is taken back; everybody reads it afterwards."
        raise BadInput(sentence, errors={"reason": sentence})
    board = lock_board(run_id, by=by, now=now)
    run = board.run
    if run.undoing:
        return run
    sentence = why_not_run("undo", state=run.state)
    if sentence:
        raise IllegalMove(sentence)
    busy = next((step for step in board.steps if step.state == S.ACTIVE and step.kind in (*MACHINES, "sub_plan")), None)
    if busy is not None:
        raise IllegalMove(f"“{busy.title}” is under way. Stop the run, then take it back.")
    back = what_can_be_undone(board)
    if not back:
        raise IllegalMove("Nothing can be taken back: no step since the last point of no return says how.")
    _leave_the_rest(board)
    run.state, run.ended_at, run.undoing = Run.State.RUNNING, None, True
    run.stop, run.stop_confirmed, run.outcome = "", None, ""
    before = ""
    for step in back:
        before = _add(board, step, after=before).key
    board.news.say(run, "run.undo_begun", payload={"steps": [step.title for step in back]}, personal=reason.strip())
    advance([board])
    return run


def what_can_be_undone(board: Board) -> list[RunStep]:
    """Return the steps that would be taken back, in that order: those that did something and say how to undo it, from
    the last one back to the last passed point of no return."""
    did = [
        step
        for step in board.steps
        if step.started_at is not None and not step.bypassed and step.undoes_id is None and _happened(step)
    ]
    found: list[RunStep] = []
    for step in sorted(did, key=lambda each: (each.ended_at or board.now, each.position), reverse=True):
        described = board.described[step.key]
        if described.point_of_no_return and step.state != S.CANCELLED:
            break
        if described.undo is not None:
            found.append(step)
    return found


def _happened(step: RunStep) -> bool:
    """Done, or perhaps done: a failed, unknown or stopped automation may have changed something."""
    return step.state == S.DONE or (step.kind in MACHINES and step.state in (S.FAILED, S.UNKNOWN, S.CANCELLED))


def _leave_the_rest(board: Board) -> None:
    for step in board.steps:
        if step.state in (S.WAITING, S.READY, S.ACTIVE, S.UNKNOWN):
            cancel(board, step, "What was done is being taken back.")
        elif step.state == S.FAILED:
            step.lets_pass = True
            board.news.unpage(step)
            board.changed(step)
    stop_pending([step for step in board.steps if step.kind in MACHINES])


def _add(board: Board, step: RunStep, *, after: str) -> RunStep:
    described = board.described[step.key]
    assert described.undo is not None  # noqa: S101  (only such steps are chosen)
    key = f"undo_{step.key}"[:60]
    back = Step.model_validate(
        {
            "id": key if key not in board.by_key else f"undo_{step.pk}",
            "kind": "automation",
            "title": f"Take back: {step.title}"[:200],
            "role": described.role,
            "lane": described.lane,
            "needs": [after] if after else [],
            "call": described.undo.model_dump(mode="json", by_alias=True),
            "targets": described.targets.model_dump(mode="json") if described.targets else None,
            "retry": described.retry.model_dump(mode="json"),
            "destructive": described.destructive,
            "on_failure": "ask",
        }
    ).model_copy(update={"timeout": described.timeout})
    return add_row(board, back, undoes=step)
