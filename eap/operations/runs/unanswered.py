"""Ask somebody else for a step whose page nobody answered."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from eap.models import RunStep
from eap.operations.runs.ask import find_people, page_person
from eap.operations.runs.board import Board, S
from eap.roles import Roles
from people.models import Person

_ASKED: Final = {
    S.FAILED: "Decide: “%s” failed",
    S.UNKNOWN: "Find out: what became of “%s”?",
}


def ask_instead(board: Board, step: RunStep, roles: Roles) -> None:
    """Give a step to whoever comes next: the role's stand-ins, then the incident's commander, then the run's starter.

    Where nobody is left, and for approvals, whose page has called everybody who may vote, the trouble stays visible.
    The page that ended calls everybody, administrators too; those calls go on until the step begins or ends.
    """
    step.unanswered = [*step.unanswered, str(step.page_id)]
    step.page_id = None
    board.changed(step)
    votes = step.kind == "approval" or step.gate is not None
    people = [] if votes else find_people(board, step, roles)
    before = step.person or (people[0] if people else None)
    chosen = None if votes else _next(_line(board, people, roles), before.pk if before else None)
    if chosen is None:
        board.run.trouble = f"Nobody answered for “{step.title}”, and nobody is left to be asked."[:300]
    else:
        name = before.name if before else "Nobody"
        board.run.trouble = f"{name} did not answer for “{step.title}”; {chosen.name} is asked instead."[:300]
        board.news.touch_person(step.person_id)
        step.person = chosen
    board.news.say(
        board.run,
        "run.step_unanswered",
        step=step,
        payload={
            "person": chosen.name if chosen else "",
            "person_id": str(chosen.pk) if chosen else "",
            "from": before.name if before else "",
        },
    )
    if chosen is not None:
        board.news.touch_person(chosen.pk)
        asked = _ASKED.get(S(step.state), "%s") % step.title
        page_person(board, step, chosen, title=f"Not answered, now yours: {asked}")


def _line(board: Board, people: list[Person], roles: Roles) -> list[Person]:
    return list({person.pk: person for person in [*people, *roles.fallback(board.run)]}.values())


def _next(people: list[Person], current: UUID | None) -> Person | None:
    """Return who comes after `current`, None when nobody does; the first one for somebody outside of the line."""
    ids = [person.pk for person in people]
    after = people[ids.index(current) + 1 :] if current in ids else people
    return after[0] if after else None
