"""What people do with the steps of a run in the API: each verb answers the run as it is afterwards.

One's own step, and one's own vote, need no capability; other people's steps need the one to run plans.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from eap.operations.runs.add_evidence import Proof, add_evidence
from eap.operations.runs.answer_lines import Answered, answer_lines
from eap.operations.runs.choose import choose
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.reassign_step import reassign_step
from eap.operations.runs.retry_step import retry_step
from eap.operations.runs.settle_unknown import settle_unknown
from eap.operations.runs.skip_step import fail_step, skip_step
from eap.operations.runs.start_step import start_step
from eap.operations.runs.vote import vote
from eap.run_queries import access_run, access_step, require_work
from eap.runs_api_answers import full_run_out
from eap.runs_api_shapes import (
    ChooseIn,
    CompleteIn,
    FullRunOut,
    LinesIn,
    ProofIn,
    ReasonIn,
    ReassignIn,
    RetryIn,
    SettleIn,
    VoteIn,
)
from people.api_door import admit
from people.api_shapes import person_given
from people.permissions import READ, RUN_PLAN
from web.api import Router

router = Router(tags=["runs"])
STEP = "/runs/{run_id}/steps/{step}"


@router.post(f"{STEP}/start", response=FullRunOut)
def start_a_step(request: HttpRequest, run_id: str, step: str) -> FullRunOut:
    """Begin a step: you have it from now on."""
    return _work(request, run_id, step, start_step)


@router.post(f"{STEP}/complete", response=FullRunOut)
def complete_a_step(request: HttpRequest, run_id: str, step: str, given: CompleteIn | None = None) -> FullRunOut:
    """Complete a step, with what proves it."""
    told = given or CompleteIn()
    proofs = [_proof(each) for each in told.evidence]
    if told.note.strip():
        proofs.append(Proof(note=told.note))
    return _work(request, run_id, step, complete_step, evidence=proofs, facts=told.facts)


@router.post(f"{STEP}/evidence", response=FullRunOut)
def add_step_evidence(request: HttpRequest, run_id: str, step: str, given: ProofIn) -> FullRunOut:
    """Add a note or a hash that proves a step."""
    return _work(request, run_id, step, add_evidence, evidence=[_proof(given)])


@router.post(f"{STEP}/lines", response=FullRunOut)
def answer_step_lines(request: HttpRequest, run_id: str, step: str, given: LinesIn) -> FullRunOut:
    """Answer lines of a pause point."""
    answers = [Answered(line=each.line, answer=each.answer, initials=each.initials) for each in given.answers]
    return _work(request, run_id, step, answer_lines, answers=answers)


@router.post(f"{STEP}/choose", response=FullRunOut)
def choose_option(request: HttpRequest, run_id: str, step: str, given: ChooseIn) -> FullRunOut:
    """Take one of a decision's options."""
    return _work(request, run_id, step, choose, option=given.option, reason=given.reason)


@router.post(f"{STEP}/approve", response=FullRunOut)
def approve_step(request: HttpRequest, run_id: str, step: str, given: VoteIn) -> FullRunOut:
    """Agree to exactly what `digest` stands for. A token is no second factor: what needs one is approved elsewhere."""
    return _vote(request, run_id, step, given, approve=True)


@router.post(f"{STEP}/deny", response=FullRunOut)
def deny_step(request: HttpRequest, run_id: str, step: str, given: VoteIn) -> FullRunOut:
    """Say no: one is enough."""
    return _vote(request, run_id, step, given, approve=False)


@router.post(f"{STEP}/skip", response=FullRunOut)
def skip_a_step(request: HttpRequest, run_id: str, step: str, given: ReasonIn) -> FullRunOut:
    """Leave a step out, with a reason."""
    return _steer(request, run_id, step, skip_step, reason=given.reason)


@router.post(f"{STEP}/fail", response=FullRunOut)
def fail_a_step(request: HttpRequest, run_id: str, step: str, given: ReasonIn) -> FullRunOut:
    """Say that a step can't be done, with a reason."""
    return _work(request, run_id, step, fail_step, reason=given.reason)


@router.post(f"{STEP}/reassign", response=FullRunOut)
def reassign_a_step(request: HttpRequest, run_id: str, step: str, given: ReassignIn) -> FullRunOut:
    """Give a step to somebody else, who is called for it."""

    def reassign(**move: Any) -> object:
        return reassign_step(person=person_given(given.person), **move)

    return _steer(request, run_id, step, reassign)


@router.post(f"{STEP}/retry", response=FullRunOut)
def retry_a_step(request: HttpRequest, run_id: str, step: str, given: RetryIn | None = None) -> FullRunOut:
    """Try a failed step again; of a fan-out what is chosen."""
    told = given or RetryIn()
    return _steer(request, run_id, step, retry_step, selections=told.selections, hosts=told.hosts, reason=told.reason)


@router.post(f"{STEP}/settle", response=FullRunOut)
def settle_a_step(request: HttpRequest, run_id: str, step: str, given: SettleIn) -> FullRunOut:
    """Say what became of an automation whose outcome nobody knows."""
    return _steer(request, run_id, step, settle_unknown, as_=given.as_, hosts=given.hosts, reason=given.reason)


def _proof(given: ProofIn) -> Proof:
    return Proof(note=given.note, name=given.name, hash=given.hash)


def _work(request: HttpRequest, run_id: str, step: str, operation: Callable[..., object], **given: Any) -> FullRunOut:
    """Let who calls do their own step, or anybody's if they steer runs."""
    admitted = admit(request, READ)
    found = access_step(admitted.person, run_id, step)
    require_work(admitted.person, found, now=admitted.now)
    operation(step_id=found.pk, by=admitted.by, now=admitted.now, **given)
    return full_run_out(access_run(admitted.person, run_id), now=admitted.now)


def _steer(request: HttpRequest, run_id: str, step: str, operation: Callable[..., object], **given: Any) -> FullRunOut:
    admitted = admit(request, RUN_PLAN)
    found = access_step(admitted.person, run_id, step)
    operation(step_id=found.pk, by=admitted.by, now=admitted.now, **given)
    return full_run_out(access_run(admitted.person, run_id), now=admitted.now)


def _vote(request: HttpRequest, run_id: str, step: str, given: VoteIn, *, approve: bool) -> FullRunOut:
    admitted = admit(request, READ)
    found = access_step(admitted.person, run_id, step)
    vote(step_id=found.pk, approve=approve, digest=given.digest, note=given.note, by=admitted.by, now=admitted.now)
    return full_run_out(access_run(admitted.person, run_id), now=admitted.now)
