"""Remind whoever has a step when it is due; when it is due once more, ask the role's next stand-in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from eap.models import RunStep
from eap.operations.runs.ask import call_approvers, find_people, page_person
from eap.operations.runs.board import Board, S
from eap.roles import Roles
from people.models import Person


def remind(board: Board, step: RunStep, roles: Roles) -> None:
    """Page again at the due time; a whole due time later the next in line has the step, and so on."""
    gap = timedelta(seconds=max(60, step.planned_s or 0))
    step.reminders += 1
    step.remind_at = board.now + gap
    board.changed(step)
    if step.kind == "approval":
        step.call_at = None
        board.news.say(board.run, "run.step_overdue", step=step, payload={"person": "", "reminders": step.reminders})
        call_approvers(board, step, roles, title=f"Overdue, approve: {step.title}")
        return
    people = find_people(board, step, roles)
    if step.kind in ("automation", "verify", "wait", "sub_plan", "status_update", "page"):
        _tell_overdue(board, step, people)
        return
    stand_in = _next_in_line(people, step.person_id) if step.reminders > 1 else None
    if stand_in is not None:
        board.news.touch_person(step.person_id)
        before = step.person.name if step.person else ""
        step.person = stand_in
        board.news.say(
            board.run,
            "run.step_escalated",
            step=step,
            payload={"person": stand_in.name, "person_id": str(stand_in.pk), "from": before},
        )
        page_person(board, step, stand_in, title=f"Overdue, now yours: {step.title}")
        return
    board.news.say(
        board.run,
        "run.step_overdue",
        step=step,
        payload={"person": step.person.name if step.person else "", "reminders": step.reminders},
    )
    if step.person is not None:
        page_person(board, step, step.person, title=f"Overdue: {step.title}")


def _tell_overdue(board: Board, step: RunStep, people: list[Person]) -> None:
    """A machine's step can't be reminded; whoever answers for it is told once."""
    step.remind_at = None
    board.news.say(board.run, "run.step_overdue", step=step, payload={"person": "", "reminders": step.reminders})
    if people and step.kind != "page":
        page_person(board, step, people[0], title=f"Takes longer than planned: {step.title}")


def _next_in_line(people: list[Person], current: UUID | None) -> Person | None:
    """Return who comes after `current`; None when nobody does."""
    ids = [person.pk for person in people]
    after = people[ids.index(current) + 1 :] if current in ids else people
    return next((person for person in after if person.pk != current), None)


def is_remindable(step: RunStep) -> bool:
    """Tell whether a step still waits for somebody or something."""
    return step.state in (S.READY, S.ACTIVE)
