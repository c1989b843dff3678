"""The reset that a plan's run is about, and who acts for the plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from eap.actions.base import Surroundings, Trouble
from eap.documents import described, pinned
from eap.format.order import before
from eap.models import Run, RunStep, Vote
from ledger.actor import Actor
from resets.models import Reset
from web.errors import Refusal

NONE_YET: Final = "This run has no reset yet: a step with `do: prepare` makes it."


def run_of(around: Surroundings) -> Run:
    """Return the run that calls."""
    return Run.objects.select_related("plan", "incident", "started_by").get(pk=around.run_id)


def found(around: Surroundings) -> Reset | None:
    """Return the newest reset of this run, None before there is one."""
    return Reset.objects.filter(run_id=around.run_id).order_by("-created_at").first()


def reset_of(around: Surroundings) -> Reset:
    """Return the run's reset; raises `Trouble` before there is one."""
    reset = found(around)
    if reset is None:
        raise Trouble(NONE_YET)
    return reset


def actor_of(run: Run) -> Actor:
    """Return the plan as the ledger names it; who started it stands in the run's own chain."""
    return Actor.system(name=f"Plan “{run.title}”"[:100], via="plan")


@contextmanager
def refusals_are_trouble() -> Iterator[None]:
    """Say a refused move as an action says it."""
    try:
        yield
    except Refusal as refusal:
        raise Trouble(refusal.sentence) from refusal


def approvals_before(around: Surroundings) -> list[RunStep]:
    """Return the approvals that had to be given before this step, and were, the last one first."""
    run = run_of(around)
    document = pinned(run.version_id)
    step = RunStep.objects.get(run=run, key=around.step_id)
    if step.key in document.steps:
        keys = before(document.document.steps)[step.key]
    else:
        keys = frozenset(described(step, document).needs)
    done = RunStep.objects.filter(run=run, kind="approval", state="done", key__in=keys)
    return [each for each in done.order_by("-ended_at") if votes_of(each)]


def votes_of(step: RunStep) -> list[Vote]:
    """Return the votes in favour that count, one for each person."""
    votes = Vote.objects.filter(step=step, answer=Vote.Answer.APPROVE, voided_at=None, about="")
    return list(votes.select_related("person").order_by("at", "id"))
