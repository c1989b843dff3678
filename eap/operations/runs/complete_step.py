"""Complete a step that a person does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from eap.models import LineAnswer, RunStep
from eap.operations.runs.add_evidence import Proof, keep, what_is_missing
from eap.operations.runs.advance import advance
from eap.operations.runs.board import Board, S, check, lock_step
from eap.operations.runs.ending import finish
from eap.operations.runs.start_step import take
from ledger.actor import Actor
from web.errors import BadInput, IllegalMove

MOST_FACTS: Final = 50
LONGEST_FACT: Final = 1_000
MOST_DIGITS: Final = 15


def complete_step(
    *,
    step_id: int,
    by: Actor,
    now: datetime,
    evidence: Sequence[Proof] = (),
    facts: Mapping[str, str | int | bool] | None = None,
) -> RunStep:
    """Complete a step with what proves it; `facts` are what conditions of later steps may read (`steps.<id>.<name>`).

    Done already, nothing changes. Raises `IllegalMove` while a pause point has lines to answer or evidence that the
    plan asks for is missing, `BadInput` for evidence that can't be kept. Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.state == S.DONE:
        return step
    check(board, step, verb="complete")
    if step.kind == "pause_point":
        _check_lines(board, step)
    kept = keep(board, step, evidence)
    missing = what_is_missing(board.described[step.key].evidence, step)
    if missing:
        raise BadInput(f"This step needs {missing}.", errors={"evidence": f"Add {missing}."})
    take(board, step, by)
    words = f"{by.name} did it." if step.kind in ("manual", "pause_point") else f"{by.name} says it is done."
    finish(board, step, words, facts=_checked(facts or {}))
    if kept:
        board.news.touch(board.run)
    advance([board])
    return step


def _check_lines(board: Board, step: RunStep) -> None:
    lines = board.described[step.key].lines
    given = {each.line: each.answer for each in LineAnswer.objects.filter(step=step)}
    open_ = [number for number in range(len(lines)) if number not in given]
    if open_:
        raise IllegalMove(f"{len(open_)} of {len(lines)} lines have no answer yet; answer each of them first.")
    missed = [line.text for number, line in enumerate(lines) if line.must and given[number] == LineAnswer.Answer.NO]
    if missed:
        raise IllegalMove(f"This must not be missed, and was answered no: {missed[0]} See to it, then answer again.")


def _checked(facts: Mapping[str, str | int | bool]) -> dict[str, str | int | bool]:
    wrong = [name for name in facts if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name) or name in ("state", "choice")]
    if wrong or len(facts) > MOST_FACTS:
        sentence = f"Name a fact with small letters, digits and _, not {wrong[0]!r}." if wrong else "Too many facts."
        raise BadInput(sentence, errors={"facts": sentence})
    unfit = [name for name, value in facts.items() if not _can_be_kept(value)]
    if unfit:
        sentence = f"The fact {unfit[0]} is too long: {LONGEST_FACT} characters without NUL, or {MOST_DIGITS} digits."
        raise BadInput(sentence, errors={"facts": sentence})
    return dict(facts)


def _can_be_kept(value: str | int) -> bool:
    if isinstance(value, int):
        return abs(value) < 10**MOST_DIGITS
    return len(value) <= LONGEST_FACT and "\0" not in value
