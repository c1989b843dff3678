"""Bring a stopping run to its end: nothing begins any more, what is under way ends as was wished."""

from __future__ import annotations

from typing import Final

from eap.models import Run, RunStep, StepTarget
from eap.operations.runs.board import Board, S
from eap.operations.runs.ending import MACHINES, cancel, end_run, stop_pending

IN_HAND: Final = frozenset({"manual", "pause_point", "automation", "verify", "sub_plan"})
"""Kinds that are work: begun, they may be brought to an end. The others only wait for something."""


def stop_what_can(board: Board) -> None:
    """Cancel what has not begun, and what is under way unless it may end; a stop now waits for remote work to go."""
    now = board.run.stop == Run.Stop.NOW
    halted = []
    for step in board.steps:
        if step.state in (S.WAITING, S.READY):
            cancel(board, step, "The run was stopped before it.")
        elif step.state == S.ACTIVE and step.kind in MACHINES:
            if now:
                halted.append(step)
        elif step.state == S.ACTIVE and (now or step.kind not in IN_HAND) and step.kind != "sub_plan":
            cancel(board, step, "The run was stopped.")
    if halted:
        stop_pending(halted)
        _cancel_what_never_ran(board, halted)


def _cancel_what_never_ran(board: Board, steps: list[RunStep]) -> None:
    busy = set(
        StepTarget.objects.filter(step__in=steps, state="running")
        .exclude(purpose=StepTarget.Purpose.PREVIEW)
        .values_list("step_id", flat=True)
    )
    for step in steps:
        if step.pk not in busy and step.state == S.ACTIVE:
            unproved = StepTarget.objects.filter(step=step, stop_confirmed=False).exists()
            step.stop_confirmed = not unproved
            step.gate = None
            cancel(board, step, "The run was stopped.")


def end_if_stopped(board: Board) -> None:
    """End a stopping run once nothing of it is under way."""
    if any(step.state in (S.WAITING, S.READY, S.ACTIVE) for step in board.steps):
        return
    run = board.run
    proofs = [step.stop_confirmed for step in board.steps if step.stop_confirmed is not None]
    if proofs:
        run.stop_confirmed = all(proofs)
    if run.stop_confirmed is False:
        run.trouble = "Stop not confirmed: nobody could prove that what ran elsewhere has ended."
    end_run(board, _final_state(board), "It was stopped.")


def _final_state(board: Board) -> str:
    ended = next((step for step in board.steps if step.kind == "end" and step.state == S.DONE), None)
    if ended is not None:
        end = board.described[ended.key].end
        return Run.State.FAILED if end is not None and end.outcome == "failed" else Run.State.DONE
    broke = any(step.state == S.FAILED and board.described[step.key].on_failure == "stop" for step in board.steps)
    return Run.State.FAILED if broke else Run.State.STOPPED
