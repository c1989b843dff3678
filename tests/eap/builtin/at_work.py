"""Simulated people who walk a run to its end: each does what waits for them, as the plan asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import transaction

from eap.approvals import basis
from eap.documents import described, pinned
from eap.models import Run, RunStep
from eap.operations.runs.add_evidence import Proof
from eap.operations.runs.answer_lines import Answered, answer_lines
from eap.operations.runs.choose import choose
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.vote import vote
from eap.run_queries import board_for_reading
from engine.duties import run_once
from notifications.models import Responder
from notifications.operations.acknowledge import acknowledge
from people.actors import actor_for
from people.models import Person
from tests.eap.runs.builders import go

MOST_ROUNDS = 120


def walk(
    run: Run,
    *,
    choices: Mapping[str, str],
    now: datetime,
    first: Mapping[str, Callable[[datetime], None]] = MappingProxyType({}),
    meanwhile: Callable[[datetime], None] = lambda _now: None,
) -> datetime:
    """Walk a run to its end and return when that was. `choices` answer decisions by step; time moves as it must.

    `first` is what somebody does elsewhere before they end a step, by its key; `meanwhile` happens in every round.
    """
    told = dict(first)
    for _ in range(MOST_ROUNDS):
        meanwhile(now)
        go(now)
        run_once("pages", now=now)
        run.refresh_from_db()
        if not run.is_open:
            return now
        stuck = [step.key for step in RunStep.objects.filter(run=run, state__in=["failed", "unknown"])]
        assert not stuck, list(RunStep.objects.filter(run=run, key__in=stuck).values_list("key", "sentence"))
        waiting = [step for step in RunStep.objects.filter(run=run) if step.state in ("ready", "active")]
        for key in [step.key for step in waiting if step.key in told]:
            told.pop(key)(now)
        did = [step.key for step in waiting if _do(step, choices=choices, now=now)]
        if not did:
            now = _until(run, waiting, now)
        now += timedelta(seconds=30)
    stands = list(RunStep.objects.filter(run=run).values_list("key", "state", "sentence"))
    raise AssertionError(f"{run.title} does not end: {stands}")


def _do(step: RunStep, *, choices: Mapping[str, str], now: datetime) -> bool:
    plan = described(step, pinned(step.run.version_id))
    if step.kind == "page":
        return _answer_page(step, now)
    if step.kind not in ("manual", "pause_point", "approval", "decision"):
        return False
    if step.kind == "approval":
        return _approve(step, now)
    assert step.person is not None, f"nobody has {step.key}"
    by = actor_for(step.person, via="web")
    with transaction.atomic():
        if step.kind == "decision":
            choose(step_id=step.pk, option=choices[step.key], by=by, now=now)
            return True
        if plan.lines:
            answers = [Answered(line=number, answer="yes", initials="XX") for number in range(len(plan.lines))]
            answer_lines(step_id=step.pk, answers=answers, by=by, now=now)
        proofs = [
            proof
            for wanted, proof in (
                (plan.evidence.note, Proof(note="Seen and done.")),
                (plan.evidence.file, Proof(name="proof.txt", content=b"proof", content_type="text/plain")),
                (plan.evidence.hash, Proof(hash="ab" * 32)),
            )
            if wanted
        ]
        complete_step(step_id=step.pk, evidence=proofs, by=by, now=now)
    return True


def _answer_page(step: RunStep, now: datetime) -> bool:
    if step.page_id is None:
        return False
    called = Responder.objects.filter(page_id=step.page_id).select_related("person").first()
    if called is None:
        return False
    with transaction.atomic():
        by = actor_for(called.person, via="voice")
        acknowledge(page_id=str(step.page_id), person=called.person, by=by, now=now)
    return True


def _approve(step: RunStep, now: datetime) -> bool:
    voted = set(step.votes.filter(voided_at=None).values_list("person_id", flat=True))
    people = [person for person in Person.objects.filter(pk__in=step.line) if person.pk not in voted]
    if not people:
        return False
    run = Run.objects.select_related("incident").get(pk=step.run_id)
    with transaction.atomic():
        digest = basis(board_for_reading(run), RunStep.objects.get(pk=step.pk)).digest
        by = actor_for(people[0], via="web")
        vote(step_id=step.pk, approve=True, digest=digest, second_factor=True, by=by, now=now)
    return True


def _until(run: Run, waiting: list[RunStep], now: datetime) -> datetime:
    """Return when something happens by time, so that nobody waits a day in a test."""
    times = [step.wake_at for step in waiting if step.wake_at] + ([run.next_look_at] if run.next_look_at else [])
    return max([now, min(times)]) if times else now
