"""Begin a step that one has to do."""

from __future__ import annotations

from datetime import datetime

from eap.models import RunStep
from eap.operations.runs.advance import advance
from eap.operations.runs.board import Board, S, check, lock_step
from ledger.actor import Actor
from people.models import Person


def start_step(*, step_id: int, by: Actor, now: datetime) -> RunStep:
    """Begin a ready step; whoever begins it has it, and nobody is called for it any more.

    Begun already, nothing changes. Raises `IllegalMove` for a step that isn't ready or begins by itself. Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.state == S.ACTIVE:
        return step
    check(board, step, verb="start")
    take(board, step, by)
    board.move(step, S.ACTIVE)
    board.news.unpage(step)
    board.news.say(board.run, "run.step_started", step=step, payload={"person": by.name})
    advance([board])
    return step


def take(board: Board, step: RunStep, by: Actor) -> None:
    """Make who acts the one who has the step."""
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    if person is not None and step.person_id != person.pk:
        if step.person_id:
            board.news.touch_person(step.person_id)
        step.person = person
        board.changed(step)
