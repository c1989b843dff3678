"""What people do with runs and steps: each a plain form POST that leads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from eap.forms_runs import AddStepForm, ProofForm, ReasonForm, ReassignForm, StopForm, VoteForm
from eap.models import Run, RunStep
from eap.operations.runs.add_evidence import Proof, add_evidence
from eap.operations.runs.add_step import add_step
from eap.operations.runs.answer_lines import Answered, answer_lines
from eap.operations.runs.choose import choose
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.pause_run import pause_run, resume_run
from eap.operations.runs.reassign_step import reassign_step
from eap.operations.runs.retry_step import retry_step
from eap.operations.runs.settle_unknown import settle_unknown
from eap.operations.runs.skip_step import fail_step, skip_step
from eap.operations.runs.start_step import start_step
from eap.operations.runs.stop_run import stop_run
from eap.operations.runs.undo_run import undo_run
from eap.operations.runs.vote import vote
from eap.run_queries import access_run, access_step, require_work
from engine import clock
from people import second_factor
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import READ, RUN_PLAN
from web.errors import BadInput
from web.middleware import send_to

StepMove = Callable[[HttpRequest, Person, RunStep], str]
RunMove = Callable[[HttpRequest, Person, Run], str]


def _of_step(*, work: bool = True) -> Callable[[StepMove], Callable[..., HttpResponse]]:
    """Turn a move of a step into a view: POST only, in one transaction; `work`: for who may do the step."""

    def wrap(move: StepMove) -> Callable[..., HttpResponse]:
        @require_POST
        @signed_in(READ)
        def view(request: HttpRequest, person: Person, run_id: str, step_key: str) -> HttpResponse:
            step = access_step(person, run_id, step_key)
            if work:
                require_work(person, step, now=clock.now())
            with transaction.atomic():
                said = move(request, person, step)
            messages.success(request, said)
            return send_to(request, reverse("run", args=[run_id]))

        return view

    return wrap


def _of_run(move: RunMove) -> Callable[..., HttpResponse]:
    """Turn a move of a run into a view: POST only, for who steers runs, in one transaction."""

    @require_POST
    @signed_in(RUN_PLAN)
    def view(request: HttpRequest, person: Person, run_id: str) -> HttpResponse:
        found = access_run(person, run_id)
        with transaction.atomic():
            said = move(request, person, found)
        messages.success(request, said)
        return send_to(request, reverse("run", args=[run_id]))

    return view


def _filled(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        errors = {name: str(found[0]) for name, found in form.errors.items()}
        raise BadInput(" ".join(errors.values()), errors=errors)
    return form.cleaned_data


def _who(person: Person) -> dict[str, Any]:
    return {"by": actor_for(person, via="web"), "now": clock.now()}


@_of_step()
def step_start(request: HttpRequest, person: Person, step: RunStep) -> str:  # noqa: ARG001 - the move's shape
    """Begin a step."""
    start_step(step_id=step.pk, **_who(person))
    return _("It is yours; it has begun.")


@_of_step()
def step_complete(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Complete a step, with what proves it."""
    complete_step(step_id=step.pk, evidence=_proofs(request), **_who(person))
    return _("Done.")


@_of_step()
def step_evidence(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Add evidence to a step."""
    proofs = _proofs(request)
    if not proofs:
        sentence = _("Write a note, choose a file, or give a hash.")
        raise BadInput(sentence, errors={"note": sentence})
    add_evidence(step_id=step.pk, evidence=proofs, **_who(person))
    return _("The evidence is kept.")


def _proofs(request: HttpRequest) -> list[Proof]:
    given = _filled(ProofForm(request.POST, request.FILES))
    found = []
    if given["note"].strip():
        found.append(Proof(note=given["note"]))
    if given["file"]:
        file = given["file"]
        found.append(Proof(name=file.name, content=file.read(), content_type=file.content_type or ""))
    if given["hash"].strip():
        found.append(Proof(hash=given["hash"].strip()))
    return found


@_of_step()
def step_skip(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Leave a step out, with a reason."""
    skip_step(step_id=step.pk, reason=_filled(ReasonForm(request.POST))["reason"], **_who(person))
    return _("Left out.")


@_of_step()
def step_fail(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Say that a step can't be done."""
    fail_step(step_id=step.pk, reason=_filled(ReasonForm(request.POST))["reason"], **_who(person))
    return _("Marked as failed.")


@_of_step()
def step_reassign(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Give a step to somebody else."""
    other = _filled(ReassignForm(request.POST))["person"]
    reassign_step(step_id=step.pk, person=other, **_who(person))
    return _("{name} has it now.").format(name=other.name)


@_of_step()
def step_answer(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Answer the lines of a pause point; with "go on" it is completed too."""
    initials = request.POST.get("initials", "")
    answered = [
        Answered(line=int(number), answer=str(value), initials=initials)
        for name, value in request.POST.items()
        if value and name.startswith("line_") and (number := name.removeprefix("line_")).isdecimal() and len(number) < 4
    ]
    answer_lines(step_id=step.pk, answers=answered, **_who(person))
    if request.POST.get("then") == "complete":
        complete_step(step_id=step.pk, evidence=[], **_who(person))
        return _("Answered; the run goes on.")
    return _("The answers are kept.")


@_of_step()
def step_choose(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Take an option of a decision."""
    reason = request.POST.get("reason", "")[:1000]
    choose(step_id=step.pk, option=request.POST.get("option", "")[:60], reason=reason, **_who(person))
    return _("Decided.")


@_of_step(work=False)
def step_vote(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Approve or deny exactly what was shown."""
    given = _filled(VoteForm(request.POST))
    approve = given["answer"] == "approve"
    factor = second_factor.shown(request, person, code=given["code"]) if approve else False
    vote(
        step_id=step.pk,
        approve=approve,
        digest=given["digest"],
        note=given["note"],
        second_factor=factor,
        **_who(person),
    )
    return _("You approved.") if approve else _("You said no; the step has failed.")


@_of_step()
def step_retry(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Try a step again: what failed, what never started, what is unknown."""
    selections = [each for each in request.POST.getlist("selection") if each in ("failed", "not_started", "unknown")]
    retry_step(
        step_id=step.pk,
        selections=selections or ("failed", "not_started"),
        hosts=[host for host in request.POST.getlist("host") if host][:1000],
        reason=request.POST.get("reason", "")[:1000],
        **_who(person),
    )
    return _("It is tried again.")


@_of_step()
def step_settle(request: HttpRequest, person: Person, step: RunStep) -> str:
    """Say what became of something that nobody knows."""
    settle_unknown(
        step_id=step.pk, as_=request.POST.get("as", ""), reason=request.POST.get("reason", ""), **_who(person)
    )
    return _("Settled.")


@_of_run
def run_pause(request: HttpRequest, person: Person, run: Run) -> str:
    """Begin nothing more for now."""
    pause_run(run_id=run.pk, reason=request.POST.get("reason", ""), **_who(person))
    return _("Paused. What is under way may end; nothing more begins.")


@_of_run
def run_resume(request: HttpRequest, person: Person, run: Run) -> str:  # noqa: ARG001 - the move's shape
    """Go on."""
    resume_run(run_id=run.pk, **_who(person))
    return _("It goes on.")


@_of_run
def run_stop(request: HttpRequest, person: Person, run: Run) -> str:
    """Stop a run: now, after the step, or after the batch."""
    given = _filled(StopForm(request.POST))
    stop_run(run_id=run.pk, how=given["how"], reason=given["reason"], **_who(person))
    return _("It is told to stop.")


@_of_run
def run_undo(request: HttpRequest, person: Person, run: Run) -> str:
    """Take back what can be taken back."""
    undo_run(run_id=run.pk, reason=_filled(ReasonForm(request.POST))["reason"], **_who(person))
    return _("It is taken back, the last step first.")


@_of_run
def run_add_step(request: HttpRequest, person: Person, run: Run) -> str:
    """Add a step that the plan did not foresee."""
    given = _filled(AddStepForm(request.POST, run=run))
    add_step(
        run_id=run.pk,
        title=given["title"],
        instructions=given["instructions"],
        person=given["person"],
        before=[step.key for step in given["before"]],
        **_who(person),
    )
    return _("The step is added.")
