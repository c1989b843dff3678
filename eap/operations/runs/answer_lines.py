"""Answer the lines of a pause point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eap.models import LineAnswer, RunStep
from eap.operations.runs.board import S, check, lock_step, save_boards
from eap.operations.runs.start_step import take
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The answer to one line, counted from 0: yes, no or na, with the initials of who gave it."""

    line: int
    answer: str
    initials: str


def answer_lines(*, step_id: int, answers: Sequence[Answered], by: Actor, now: datetime) -> RunStep:
    """Answer lines of a pause point, or answer them anew; the step begins with the first one.

    The same answers again change nothing. Raises `BadInput` with a sentence per line, `IllegalMove` once the step is
    over. Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    check(board, step, verb="answer")
    lines = board.described[step.key].lines
    errors = {f"lines.{each.line}": sentence for each in answers if (sentence := _wrong(each, len(lines)))}
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    before = {each.line: each for each in LineAnswer.objects.filter(step=step)}
    for each in answers:
        old = before.get(each.line)
        initials = each.initials.strip()
        if old is not None and (old.answer, old.initials) == (each.answer, initials):
            continue
        LineAnswer.objects.update_or_create(
            step=step,
            line=each.line,
            defaults={"answer": each.answer, "initials": initials, "person": person, "at": now},
        )
        board.news.say(
            board.run,
            "run.line_answered",
            step=step,
            payload={
                "line": each.line,
                "text": lines[each.line].text,
                "answer": each.answer,
                "initials": initials,
                "before": old.answer if old else "",
            },
        )
    if step.state == S.READY and answers:
        take(board, step, by)
        board.move(step, S.ACTIVE)
        board.news.unpage(step)
        board.news.say(board.run, "run.step_started", step=step, payload={"person": by.name})
    save_boards([board])
    return step


def _wrong(given: Answered, lines: int) -> str:
    if not 0 <= given.line < lines:
        return f"There is no line {given.line + 1}."
    if given.answer not in LineAnswer.Answer.values:
        return f"Line {given.line + 1}: answer yes, no or not applicable."
    if not 1 <= len(given.initials.strip()) <= 8:
        return f"Line {given.line + 1}: write your initials."
    return ""
