"""How steps and runs end: done, failed (and what the plan says then), skipped by condition; the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from eap.models import Plan, Run, RunStep, StepTarget
from eap.operations.runs.ask import find_people, page_person
from eap.operations.runs.board import Board, S
from eap.roles import Roles
from ledger.rules import JSON

MACHINES: Final = frozenset({"automation", "verify"})


def finish(board: Board, step: RunStep, sentence: str, *, facts: Mapping[str, JSON] | None = None) -> None:
    """End a step well; `facts` are what later steps may read."""
    if facts:
        step.facts = {**step.facts, **facts}
    board.move(step, S.DONE, sentence=sentence)
    payload: dict[str, JSON] = {"sentence": sentence[:500], "took_s": took_s(step), "planned_s": step.planned_s}
    if step.facts:
        payload["facts"] = {name: value for name, value in step.facts.items() if not isinstance(value, float)}
    board.news.say(board.run, "run.step_done", step=step, payload=payload)


def took_s(step: RunStep) -> int | None:
    """Return how long a step took, in whole seconds, None for one that never began."""
    if step.started_at is None or step.ended_at is None:
        return None
    return round((step.ended_at - step.started_at).total_seconds())


def fail(board: Board, step: RunStep, sentence: str, *, roles: Roles, personal: str = "") -> None:
    """End a step badly, and do what the plan says then: go on, stop the run, or ask a person."""
    described = board.described[step.key]
    step.lets_pass = described.on_failure == "continue"
    board.move(step, S.FAILED, sentence=sentence)
    board.news.say(
        board.run,
        "run.step_failed",
        step=step,
        payload={"sentence": "" if personal else sentence[:500], "then": described.on_failure},
        personal=personal,
    )
    if described.on_failure == "stop":
        board.run.stop = board.run.stop or Run.Stop.AFTER_STEP
        board.run.state = Run.State.STOPPING
        board.run.outcome = f"“{step.title}” failed: {sentence}"[:500]
    elif described.on_failure == "ask":
        ask_about(board, step, f"Decide: “{step.title}” failed", roles=roles)


def unknown(board: Board, step: RunStep, sentence: str, *, roles: Roles) -> None:
    """Leave a step in a state that nobody knows: a person says what became of it, or orders a repetition."""
    board.move(step, S.UNKNOWN, sentence=sentence)
    step.wake_at = step.remind_at = None
    board.news.say(board.run, "run.step_unknown", step=step, payload={"sentence": sentence[:500]})
    ask_about(board, step, f"Find out: what became of “{step.title}”?", roles=roles)


def ask_about(board: Board, step: RunStep, title: str, *, roles: Roles) -> None:
    """Have a person decide about a step that holds the run up."""
    if board.run.state != Run.State.RUNNING:
        return
    people = find_people(board, step, roles)
    if people:
        step.person = step.person or people[0]
        page_person(board, step, step.person, title=title)
    board.changed(step)


def bypass(board: Board, step: RunStep, sentence: str) -> None:
    """Leave a step out because its condition does not hold, or because all that it needs was left out."""
    step.bypassed = True
    board.move(step, S.SKIPPED, sentence=sentence)
    board.news.say(board.run, "run.step_left_out", step=step, payload={"sentence": sentence[:500]})


def cancel(board: Board, step: RunStep, sentence: str) -> None:
    """End a step that is not needed any more because its run ends."""
    board.move(step, S.CANCELLED, sentence=sentence)
    board.news.say(board.run, "run.step_cancelled", step=step, payload={"sentence": sentence[:500]})


def stop_pending(steps: list[RunStep]) -> None:
    """Take back what has not begun of these steps' executions."""
    if steps:
        StepTarget.objects.filter(step__in=steps, state="pending").update(
            state="skipped", released_at=None, sentence="Not started."
        )


def end_run(board: Board, state: str, outcome: str) -> None:
    """End a run: nothing of it is looked at again, and whoever waits for it hears of it."""
    run = board.run
    run.state, run.ended_at, run.next_look_at = state, board.now, None
    run.outcome = (run.outcome or outcome)[:500]
    alone = run.incident_id is None and run.parent_id is None and not run.drill
    if state == Run.State.FAILED and alone and board.document.document.on_failure is not None:
        run.on_failure = Run.OnFailure.WANTED
        board.news.wake("errands")
    for step in board.steps:
        if step.page_id is not None or step.unanswered:
            board.news.unpage(step)
            board.changed(step)
    counted: dict[str, JSON] = {}
    for step in board.steps:
        counted[step.state] = int(str(counted.get(step.state, 0))) + 1
    board.news.say(
        run,
        "run.ended",
        payload={
            "state": state,
            "outcome": run.outcome,
            "steps": counted,
            "took_s": round((board.now - run.started_at).total_seconds()),
            "stop_confirmed": run.stop_confirmed,
        },
    )
    if run.parent_id is not None:
        board.news.wake("runs")
    elif run.drill and state == Run.State.DONE:
        Plan.objects.filter(pk=run.plan_id).update(last_exercised_at=board.now)
