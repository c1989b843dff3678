"""Give a step to somebody else."""

from __future__ import annotations

from datetime import datetime

from eap.models import RunStep
from eap.operations.runs.ask import page_person
from eap.operations.runs.board import S, check, lock_step, save_boards
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput


def reassign_step(*, step_id: int, person: Person, by: Actor, now: datetime) -> RunStep:
    """Give a step to `person`, who is called for it if it has unlocked. Theirs already, nothing changes.

    Raises `BadInput` for somebody who left, `IllegalMove` for a step that is over. Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.person_id == person.pk:
        return step
    check(board, step, verb="reassign")
    if not person.is_active:
        sentence = f"{person.name} does not work here any more."
        raise BadInput(sentence, errors={"person": sentence})
    before = step.person
    if before is not None:
        board.news.touch_person(before.pk)
    step.person = person
    board.news.touch_person(person.pk)
    if step.state != S.WAITING:
        page_person(board, step, person)
    board.changed(step)
    board.news.say(
        board.run,
        "run.step_reassigned",
        step=step,
        payload={"person": person.name, "person_id": str(person.pk), "from": before.name if before else ""},
    )
    save_boards([board])
    return step
