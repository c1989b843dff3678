"""Begin a step that has just unlocked, each kind in its own way. Nothing here leaves the transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from eap.actions.base import Trouble
from eap.format.expressions import Senseless, value
from eap.format.kinds import Kind
from eap.models import Run, RunStep
from eap.operations.runs.ask import approvers, find_people, page_approvers, page_person, page_policy, set_due
from eap.operations.runs.board import Board, S
from eap.operations.runs.ending import fail, finish
from eap.operations.runs.executions import begin_executions
from eap.operations.runs.preview import PREVIEWS_WITHIN, ask_for_previews
from eap.operations.runs.waiting import call_when_known, look_at_wait
from eap.roles import Roles
from eap.values import filled
from notifications.queries import freeze, policy_named

Begin = Callable[[Board, RunStep, Roles], None]


def begin(board: Board, step: RunStep, roles: Roles) -> None:
    """Make a step ready, and carry out at once what the engine can."""
    step.title = filled(board.described[step.key].title, board.values())[:200]
    step.ready_at = board.now
    set_due(board, step)
    board.move(step, S.READY)
    board.news.say(board.run, "run.step_ready", step=step)
    _BEGIN[Kind(step.kind)](board, step, roles)
    board.changed(step)


def _for_a_person(board: Board, step: RunStep, roles: Roles) -> None:
    people = find_people(board, step, roles)
    step.person = step.person or (people[0] if people else None)
    if step.person is not None:
        board.news.touch_person(step.person_id)
        page_person(board, step, step.person)


def _approval(board: Board, step: RunStep, roles: Roles) -> None:
    asked = board.described[step.key].approval
    assert asked is not None  # noqa: S101  (the format demands it of this kind)
    step.wake_at = board.now + timedelta(seconds=asked.expires)
    step.due_at = step.due_at or step.wake_at
    step.call_at = board.now + min(PREVIEWS_WITHIN, timedelta(seconds=asked.expires / 4))
    approvers(board, step, roles)
    ask_for_previews(board, step)
    call_when_known(board, step, roles)


def _page(board: Board, step: RunStep, roles: Roles) -> None:
    order = board.described[step.key].page
    assert order is not None  # noqa: S101  (the format demands it of this kind)
    board.move(step, S.ACTIVE)
    title = filled(order.title, board.values())
    if order.role is None:
        policy = policy_named(order.policy)
        if policy is None:
            fail(board, step, f"There is no escalation policy called {order.policy!r}.", roles=roles)
            return
        page_policy(board, step, freeze(policy), title=title, urgency=order.urgency)
        return
    people = roles.line(board.run, board.document.document.roles[order.role]) or roles.fallback(board.run)
    step.line = [str(person.pk) for person in people]
    if not people:
        fail(board, step, "There is nobody to page: the role names nobody.", roles=roles)
        return
    page_approvers(board, step, people, count=1, title=title)


def _status_update(board: Board, step: RunStep, _roles: Roles) -> None:
    board.move(step, S.ACTIVE)
    if board.run.drill:
        finish(board, step, "Exercise: the draft was recorded here and not laid on the status page.")
    else:
        board.news.wake("errands")


def _sub_plan(board: Board, step: RunStep, _roles: Roles) -> None:
    board.move(step, S.ACTIVE)
    board.news.wake("errands")


def _wait(board: Board, step: RunStep, roles: Roles) -> None:
    board.move(step, S.ACTIVE)
    look_at_wait(board, step, roles)


def _execution(board: Board, step: RunStep, roles: Roles) -> None:
    board.move(step, S.ACTIVE)
    try:
        board.news.create(begin_executions(board, step))
    except Trouble as trouble:
        fail(board, step, trouble.sentence, roles=roles)


def _decision(board: Board, step: RunStep, roles: Roles) -> None:
    decision = board.described[step.key].decision
    assert decision is not None  # noqa: S101  (the format demands it of this kind)
    if decision.by is None:
        _for_a_person(board, step, roles)
        return
    try:
        chosen = value(decision.by, board.values())
    except Senseless as senseless:
        chosen, step.sentence = None, f"A person has to choose: {senseless.sentence}"[:1000]
    option = next((each for each in decision.options if each.key == chosen), None)
    if option is None:
        step.sentence = step.sentence or f"A person has to choose: {chosen!r} is none of the answers."[:1000]
        _for_a_person(board, step, roles)
        return
    step.choice = option.key
    finish(board, step, f"{option.title}, by the plan's own condition.")


def _end(board: Board, step: RunStep, _roles: Roles) -> None:
    end = board.described[step.key].end
    failed = end is not None and end.outcome == "failed"
    finish(board, step, "The plan ends here.")
    board.run.stop = Run.Stop.NOW
    board.run.state = Run.State.STOPPING
    board.run.outcome = f"Ended at “{step.title}”{', as failed' if failed else ''}."[:500]


_BEGIN: Final[Mapping[Kind, Begin]] = {
    Kind.MANUAL: _for_a_person,
    Kind.PAUSE_POINT: _for_a_person,
    Kind.APPROVAL: _approval,
    Kind.PAGE: _page,
    Kind.STATUS_UPDATE: _status_update,
    Kind.WAIT: _wait,
    Kind.AUTOMATION: _execution,
    Kind.VERIFY: _execution,
    Kind.DECISION: _decision,
    Kind.SUB_PLAN: _sub_plan,
    Kind.END: _end,
}
