"""Add a step that the plan does not have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from eap.format.document import Step
from eap.models import RunStep
from eap.operations.runs.advance import advance
from eap.operations.runs.board import ENDED, Board, S, lock_board
from eap.rules.transitions import why_not_run
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput, IllegalMove

LONGEST_TITLE: Final = 200


def add_step(
    *,
    run_id: object,
    title: str,
    by: Actor,
    now: datetime,
    instructions: str = "",
    after: Sequence[str] = (),
    before: Sequence[str] = (),
    person: Person | None = None,
    due_s: int | None = None,
) -> RunStep:
    """Add a step for a person: it unlocks when the steps `after` are met (none: at once), and the waiting steps
    `before` wait for it too. Steps are named by their keys.

    Raises `BadInput` with a sentence per field, `IllegalMove` for a run that stops or has ended. Locks the run.
    """
    board = lock_board(str(run_id), by=by, now=now)
    sentence = why_not_run("change", state=board.run.state)
    if sentence:
        raise IllegalMove(sentence)
    _check(board, title=title, after=after, before=before, person=person)
    number = sum(1 for step in board.steps if step.added is not None) + 1
    key = next(k for n in range(number, number + 10_000) if (k := f"added_{n}") not in board.by_key)
    described = Step.model_validate(
        {"id": key, "kind": "manual", "title": title.strip(), "instructions": instructions, "needs": list(after)}
    )
    row = add_row(board, described, person=person, due_s=due_s)
    for other in before:
        _wait_for(board, board.by_key[other], row)
    board.news.say(
        board.run,
        "run.step_added",
        step=row,
        payload={"after": list(after), "before": list(before), "person": person.name if person else ""},
        personal=instructions,
    )
    advance([board])
    return row


def add_row(
    board: Board,
    described: Step,
    *,
    person: Person | None = None,
    due_s: int | None = None,
    undoes: RunStep | None = None,
) -> RunStep:
    """Insert an added step, in the order of the plan behind what it needs, and take it in."""
    row = RunStep.objects.create(
        run=board.run,
        key=described.id,
        position=max((step.position for step in board.steps), default=0) + 1,
        kind=described.kind.value,
        title=described.title[:LONGEST_TITLE],
        role=described.role or "",
        person=person,
        planned_s=due_s or described.due,
        added=written(described),
        undoes=undoes,
    )
    return board.add(row)


def written(described: Step) -> dict[str, Any]:
    """Return a step as JSON that `Step.model_validate` reads back."""
    return described.model_dump(mode="json", by_alias=True)


def _wait_for(board: Board, step: RunStep, added: RunStep) -> None:
    """Let a waiting step need the added one too: it becomes a described step of its own."""
    described = board.described[step.key]
    changed = described.model_copy(update={"needs": (*described.needs, added.key)})
    step.added = written(changed)
    step.save(update_fields=["added"])
    board.described[step.key] = changed


def _check(board: Board, *, title: str, after: Sequence[str], before: Sequence[str], person: Person | None) -> None:
    errors: dict[str, str] = {}
    if not 1 <= len(title.strip()) <= LONGEST_TITLE:
        errors["title"] = f"Say in one line of at most {LONGEST_TITLE} characters what is to be done."
    unknown = [key for key in (*after, *before) if key not in board.by_key]
    if unknown:
        errors["after"] = f"This run has no step {unknown[0]!r}."
    else:
        begun = [key for key in before if board.by_key[key].state != S.WAITING]
        if begun:
            errors["before"] = f"“{board.by_key[begun[0]].title}” has unlocked already and can't wait for this."
        elif _circle(board, after, before):
            errors["before"] = "A step can't come both before and after the same steps."
        blocked = [key for key in after if board.by_key[key].state in ENDED - {S.DONE, S.SKIPPED}]
        if blocked:
            errors["after"] = f"“{board.by_key[blocked[0]].title}” is over and did not end well; choose another one."
    if person is not None and not person.is_active:
        errors["person"] = f"{person.name} does not work here any more."
    if errors:
        raise BadInput("The step was not added. " + " ".join(errors.values()), errors=errors)


def _circle(board: Board, after: Sequence[str], before: Sequence[str]) -> bool:
    """Tell whether a step `before` which the new one comes is itself needed by one that comes first."""
    look, seen = list(after), set(after)
    while look:
        for need in board.described[look.pop()].needs:
            if need not in seen:
                seen.add(need)
                look.append(need)
    return any(key in seen for key in before)
