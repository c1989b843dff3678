"""Choose the branch of a decision."""

from __future__ import annotations

from datetime import datetime

from eap.models import RunStep
from eap.operations.runs.advance import advance
from eap.operations.runs.board import S, check, lock_step
from eap.operations.runs.ending import finish
from eap.operations.runs.start_step import take
from ledger.actor import Actor
from web.errors import BadInput, IllegalMove


def choose(*, step_id: int, option: str, by: Actor, now: datetime, reason: str = "") -> RunStep:
    """Take one of a decision's options, by its key. The same choice again changes nothing.

    Raises `BadInput` for an option that the plan does not have, `IllegalMove` once it is decided otherwise. Locks the
    run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.state == S.DONE and step.kind == "decision":
        if step.choice == option:
            return step
        raise IllegalMove(f"This was decided already: {step.sentence}")
    check(board, step, verb="choose")
    decision = board.described[step.key].decision
    found = next((each for each in decision.options if each.key == option), None) if decision else None
    if found is None:
        sentence = f"Choose one of {', '.join(each.key for each in decision.options) if decision else ''}."
        raise BadInput(sentence, errors={"option": sentence})
    take(board, step, by)
    step.choice = found.key
    finish(board, step, f"{by.name} chose: {found.title}.")
    board.news.say(
        board.run,
        "run.chosen",
        step=step,
        payload={"choice": found.key, "option": found.title},
        personal=reason.strip(),
    )
    advance([board])
    return step
