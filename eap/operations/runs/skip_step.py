"""Skip a step with a reason, or fail it with one."""

from __future__ import annotations

from datetime import datetime

from eap.models import RunStep, StepTarget
from eap.operations.runs.advance import advance
from eap.operations.runs.ask import excluded
from eap.operations.runs.board import Board, S, check, lock_step
from eap.operations.runs.ending import MACHINES, fail, stop_pending
from eap.roles import Roles
from ledger.actor import Actor
from web.errors import BadInput, IllegalMove


def skip_step(*, step_id: int, reason: str, by: Actor, now: datetime) -> RunStep:
    """Leave a step out; what needs it goes on as if it were done. Skipped already, nothing changes.

    Raises `BadInput` without a reason, `IllegalMove` for a step that is over or runs at this moment, for one that the
    plan says `must` be done, for an approval of what can't be undone, and for any approval by who may not give it.
    Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.state == S.SKIPPED and not step.bypassed:
        return step
    check(board, step, verb="skip")
    _check_may_be_left_out(board, step)
    check_reason(reason)
    _check_at_rest(board, step)
    step.ready_at = step.ready_at or now
    step.gate = None
    board.move(step, S.SKIPPED, sentence=f"{by.name}: {reason.strip()}")
    board.news.say(board.run, "run.step_skipped", step=step, personal=reason.strip())
    advance([board])
    return step


def fail_step(*, step_id: int, reason: str, by: Actor, now: datetime) -> RunStep:
    """Say that a step can't be done; what the plan says for a failure follows. Failed already, nothing changes.

    Raises `BadInput` without a reason, `IllegalMove` for a step that is over or runs at this moment. Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.state == S.FAILED:
        return step
    check(board, step, verb="fail")
    check_reason(reason)
    _check_at_rest(board, step)
    step.gate = None
    fail(board, step, f"{by.name}: {reason.strip()}", roles=Roles(now=now), personal=reason.strip())
    advance([board])
    return step


def check_reason(reason: str) -> None:
    if not reason.strip():
        sentence = "Say why in a few words; everybody reads it afterwards."
        raise BadInput(sentence, errors={"reason": sentence})


def _check_may_be_left_out(board: Board, step: RunStep) -> None:
    described = board.described[step.key]
    if described.must:
        raise IllegalMove("The plan says that this step must not be missed, so it can't be left out.")
    if described.approval is None:
        return
    if described.approval.destructive:
        raise IllegalMove("What comes next can't be undone, so its approval can't be left out. Answer it.")
    if board.news.by.id in excluded(board):
        raise IllegalMove("You started this run or gave its inputs, so somebody else has to leave its approval out.")


def _check_at_rest(board: Board, step: RunStep) -> None:
    if step.state != S.ACTIVE:
        return
    if step.kind == "sub_plan":
        raise IllegalMove("Another run carries this step out; stop that run first.")
    if step.kind in MACHINES:
        running = StepTarget.objects.filter(step=step, state=StepTarget.State.RUNNING)
        if running.exclude(purpose=StepTarget.Purpose.PREVIEW).exists():
            raise IllegalMove("This step is just being carried out. Wait until it ends, or stop the run.")
        stop_pending([step])
    board.changed(step)
