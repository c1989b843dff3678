"""Ask people: find who does a step, and page them for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from eap.models import RunStep
from eap.operations.runs.board import Board
from eap.operations.runs.news import DEFAULT_SEVERITY, DRILL_PREFIX
from eap.roles import Roles
from notifications.models import Urgency
from notifications.operations.start_page import PageRequest
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy, FrozenTarget
from people.models import Person

EACH_S: Final = 300
"""How long a person has to answer before the page goes on, to them or to the next in line."""
ROUNDS: Final = 3


def find_people(board: Board, step: RunStep, roles: Roles) -> list[Person]:
    """Return who may be asked for a step, the first one first, and note them in its `line`.

    Where its role names nobody, the incident's commander or the starter is asked, and the trouble is visible.
    """
    described = board.described[step.key]
    role = described.role or _owner_of_lane(board, described.lane)
    people = roles.line(board.run, board.document.document.roles[role]) if role else []
    if not people:
        people = roles.fallback(board.run)
        if role:
            title = board.document.document.roles[role].title
            who = people[0].name if people else "nobody"
            board.run.trouble = f"Nobody holds the role {title}; {who} is asked for “{step.title}” instead."[:300]
    step.role = role or ""
    step.line = [str(person.pk) for person in people]
    return people


def approvers(board: Board, step: RunStep, roles: Roles) -> list[Person]:
    """Return who may vote on a step, without those who asked for it; note them in its `line`."""
    document = board.document.document
    found = [person for role in roles_that_vote(board, step) for person in roles.line(board.run, document.roles[role])]
    people = [p for p in {p.pk: p for p in found}.values() if str(p.pk) not in excluded(board)]
    step.line = [str(person.pk) for person in people]
    described = board.described[step.key]
    needed = described.approval.count if described.approval else 1
    if not people:
        board.run.trouble = f"Nobody may approve “{step.title}”: its roles name nobody but who asked for it."[:300]
    elif len(people) < needed:
        board.run.trouble = (
            f"“{step.title}” needs {needed} people, and without those who asked for it its roles name {len(people)}."
        )[:300]
    return people


def roles_that_vote(board: Board, step: RunStep) -> tuple[str, ...]:
    """Return the plan's roles that may vote on a step: the approval's, or for a gate the step's own."""
    described = board.described[step.key]
    if described.approval is not None:
        return described.approval.roles
    role = described.role or _owner_of_lane(board, described.lane)
    return (role,) if role else tuple(board.document.document.roles)


def excluded(board: Board) -> set[str]:
    """Return the ids of who can't approve: who started the run, and all who gave its inputs, the first to the last."""
    starter = board.run.started_by_id
    return {*board.run.inputs_given_by, *([str(starter)] if starter else [])}


def page_person(board: Board, step: RunStep, person: Person, *, title: str = "") -> None:
    """Page one person for a step, unless they are the one who just acted."""
    if board.news.by.kind == "person" and board.news.by.id == str(person.pk):
        board.news.unpage(step)
        return
    _page(board, step, [[person]], title=title or step.title)


def page_approvers(board: Board, step: RunStep, people: list[Person], *, count: int, title: str) -> None:
    """Page as many people as must agree; then, one after the other, those who could do so too."""
    levels = [people[:count], *([person] for person in people[count:])]
    _page(board, step, [level for level in levels if level], title=title, required=min(count, len(people)))


def call_approvers(board: Board, step: RunStep, roles: Roles, *, title: str) -> None:
    """Page for an approval as many as still have to agree, without those who have voted."""
    approval = board.described[step.key].approval
    voted = set(map(str, step.votes.filter(voided_at__isnull=True).values_list("person_id", flat=True)))
    people = [person for person in approvers(board, step, roles) if str(person.pk) not in voted]
    count = max(1, (approval.count if approval else 1) - len(voted))
    page_approvers(board, step, people, count=count, title=title)


def page_policy(board: Board, step: RunStep, policy: FrozenPolicy, *, title: str, urgency: str) -> None:
    """Page by a policy that the plan names."""
    board.news.page(step, _request(board, step, policy, title=title, urgency=urgency))


def _page(board: Board, step: RunStep, levels: list[list[Person]], *, title: str, required: int = 1) -> None:
    if not levels:
        return
    policy = FrozenPolicy(
        name=board.run.title[:100],
        rounds=ROUNDS,
        required_acknowledgements=required,
        levels=tuple(
            FrozenLevel(
                delay_s=EACH_S,
                targets=tuple(FrozenTarget(kind="person", id=str(person.pk), name=person.name) for person in level),
            )
            for level in levels
        ),
    )
    urgency = board.described[step.key].urgency
    board.news.page(step, _request(board, step, policy, title=title, urgency=urgency))


def _request(board: Board, step: RunStep, policy: FrozenPolicy, *, title: str, urgency: str) -> PageRequest:
    prefix = DRILL_PREFIX if board.run.drill else ""
    return PageRequest(
        policy=policy,
        title=f"{prefix}{title}",
        subject=board.run.subject,
        purpose=step.purpose,
        urgency=Urgency.LOW if urgency == "low" else Urgency.HIGH,
        severity=board.incident.severity if board.incident is not None else DEFAULT_SEVERITY,
    )


def set_due(board: Board, step: RunStep) -> None:
    """Set when a step that just unlocked is due, and with it when its assignee is reminded."""
    if step.planned_s:
        step.due_at = board.now + timedelta(seconds=step.planned_s)
        step.remind_at = step.due_at
        step.reminders = 0


def _owner_of_lane(board: Board, lane: str | None) -> str | None:
    document = board.document.document
    return document.lanes[lane].owner if lane and lane in document.lanes else None
