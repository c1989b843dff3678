"""Pause a run, and go on with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from eap.models import Run
from eap.operations.runs.advance import advance
from eap.operations.runs.board import lock_board, save_boards
from eap.rules.transitions import why_not_run
from ledger.actor import Actor
from web.errors import IllegalMove


def pause_run(*, run_id: UUID | str, by: Actor, now: datetime, reason: str = "") -> Run:
    """Begin nothing more: what is under way may end, no step unlocks, no host of a fan-out is begun.

    Paused already, nothing changes. Raises `IllegalMove` for a run that stops or has ended. Locks the run.
    """
    board = lock_board(run_id, by=by, now=now)
    if board.run.state == Run.State.PAUSED:
        return board.run
    _check("pause", board.run)
    board.run.state, board.run.next_look_at = Run.State.PAUSED, None
    board.news.say(board.run, "run.paused", personal=reason.strip())
    save_boards([board])
    return board.run


def resume_run(*, run_id: UUID | str, by: Actor, now: datetime) -> Run:
    """Go on with a paused run; what came due meanwhile is done at once. Running already, nothing changes.

    Raises `IllegalMove` for a run that stops or has ended. Locks the run.
    """
    board = lock_board(run_id, by=by, now=now)
    if board.run.state == Run.State.RUNNING:
        return board.run
    _check("resume", board.run)
    board.run.state = Run.State.RUNNING
    board.news.say(board.run, "run.resumed")
    board.news.wake("automations")
    advance([board])
    return board.run


def _check(verb: str, run: Run) -> None:
    sentence = why_not_run(verb, state=run.state)
    if sentence:
        raise IllegalMove(sentence)
