"""Runs in the API: start one, follow it, stop it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from eap.models import Run
from eap.operations.runs.add_step import add_step
from eap.operations.runs.change_inputs import change_inputs
from eap.operations.runs.pause_run import pause_run, resume_run
from eap.operations.runs.start_run import start_run
from eap.operations.runs.stop_run import stop_run
from eap.operations.runs.undo_run import undo_run
from eap.plan_queries import access_plan
from eap.run_queries import access_run, access_step, listed_runs, log_lines, targets_of
from eap.runs_api_answers import (
    approvals_out,
    evidence_out,
    full_run_out,
    keys_of,
    log_line_out,
    run_out,
    target_out,
)
from eap.runs_api_shapes import (
    AddIn,
    ApprovalOut,
    EvidenceOut,
    FullRunOut,
    InputsIn,
    LogAsked,
    LogLineOut,
    ReasonIn,
    RunOut,
    RunsAsked,
    StartIn,
    StopIn,
    TargetOut,
)
from incidents.models import Incident
from incidents.queries import access_incident
from people.api_door import Admitted, admit
from people.api_shapes import person_given
from people.models import Person
from people.permissions import READ, RUN_PLAN
from web.api import Page, Query, Router, Status, Window, paged
from web.api.numbered import numbered
from web.errors import BadInput, IllegalMove, NotFound

router = Router(tags=["runs"])


@router.post("/plans/{plan_id}/runs", response={201: FullRunOut})
def start_a_run(request: HttpRequest, plan_id: str, given: StartIn) -> Status[FullRunOut]:
    """Start the published version of a plan (id or key); its first steps have begun when this is answered."""
    admitted = admit(request, RUN_PLAN)
    plan = access_plan(plan_id)
    if plan.published is None:
        raise IllegalMove("This plan has no published version yet.")
    run = start_run(
        version=plan.published,
        inputs=given.inputs,
        incident=_incident(admitted.person, given.incident),
        drill=given.drill,
        reason=given.reason,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, full_run_out(access_run(admitted.person, run.pk), now=admitted.now))


@router.get("/runs", response=Page[RunOut])
def list_runs(request: HttpRequest, asked: Query[RunsAsked]) -> dict[str, Any]:
    """Runs that you may see, newest first."""
    admitted = admit(request, READ)
    incident = _incident(admitted.person, asked.incident or None)
    found = listed_runs(
        admitted.person,
        state=asked.state,
        drill=asked.drill,
        incident=incident.pk if incident else None,
        plan=access_plan(asked.plan).pk if asked.plan else None,
    )
    return paged(found.select_related("parent"), window=asked, order=("-started_at", "-id"), serialize=run_out)


@router.get("/runs/{run_id}", response=FullRunOut)
def get_run(request: HttpRequest, run_id: str) -> FullRunOut:
    """One run with its steps."""
    admitted = admit(request, READ)
    return full_run_out(access_run(admitted.person, run_id), now=admitted.now)


@router.get("/runs/{run_id}/log", response=Page[LogLineOut])
def get_run_log(request: HttpRequest, run_id: str, asked: Query[LogAsked]) -> dict[str, Any]:
    """What its automations said, oldest first; the cursor is the `id` of the last line you have."""
    person = admit(request, READ).person
    run = access_run(person, run_id)
    step = access_step(person, run_id, asked.step) if asked.step else None
    keys = keys_of(run)
    return numbered(
        lambda after, limit: log_lines(run, after=after, limit=limit, step=step, target=asked.target),
        window=asked,
        number=lambda line: line.pk,
        serialize=lambda line: log_line_out(line, keys),
    )


@router.get("/runs/{run_id}/approvals", response=list[ApprovalOut])
def get_run_approvals(request: HttpRequest, run_id: str) -> list[ApprovalOut]:
    """What waits for an approval, exactly as it would be approved."""
    return approvals_out(access_run(admit(request, READ).person, run_id))


@router.get("/runs/{run_id}/evidence", response=list[EvidenceOut])
def get_run_evidence(request: HttpRequest, run_id: str) -> list[EvidenceOut]:
    """What proves its steps; files by their digest."""
    return evidence_out(access_run(admit(request, READ).person, run_id))


@router.get("/runs/{run_id}/steps/{step}/targets", response=Page[TargetOut])
def get_step_targets(request: HttpRequest, run_id: str, step: str, window: Query[Window]) -> dict[str, Any]:
    """The hosts of a fan-out, in the order of the waves."""
    found = access_step(admit(request, READ).person, run_id, step)
    return paged(targets_of(found), window=window, order=("wave", "position", "id"), serialize=target_out)


@router.post("/runs/{run_id}/steps", response={201: FullRunOut})
def add_a_step(request: HttpRequest, run_id: str, given: AddIn) -> Status[FullRunOut]:
    """Add a step that the plan lacks."""
    admitted = admit(request, RUN_PLAN)
    run = access_run(admitted.person, run_id)
    add_step(
        run_id=run.pk,
        title=given.title,
        instructions=given.instructions,
        after=given.after,
        before=given.before,
        person=person_given(given.person) if given.person else None,
        due_s=given.due_s,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, _after(admitted, run))


@router.post("/runs/{run_id}/stop", response=FullRunOut)
def stop_a_run(request: HttpRequest, run_id: str, given: StopIn | None = None) -> FullRunOut:
    """Stop it: now, after the steps under way, or after the wave under way."""
    admitted = admit(request, RUN_PLAN)
    run = access_run(admitted.person, run_id)
    how = given or StopIn()
    stop_run(run_id=run.pk, how=how.how, reason=how.reason, by=admitted.by, now=admitted.now)
    return _after(admitted, run)


@router.post("/runs/{run_id}/pause", response=FullRunOut)
def pause_a_run(request: HttpRequest, run_id: str, given: ReasonIn | None = None) -> FullRunOut:
    """Begin nothing more until it is resumed."""
    admitted = admit(request, RUN_PLAN)
    run = access_run(admitted.person, run_id)
    pause_run(run_id=run.pk, reason=given.reason if given else "", by=admitted.by, now=admitted.now)
    return _after(admitted, run)


@router.post("/runs/{run_id}/resume", response=FullRunOut)
def resume_a_run(request: HttpRequest, run_id: str) -> FullRunOut:
    """Go on with a paused run."""
    admitted = admit(request, RUN_PLAN)
    run = access_run(admitted.person, run_id)
    resume_run(run_id=run.pk, by=admitted.by, now=admitted.now)
    return _after(admitted, run)


@router.post("/runs/{run_id}/undo", response=FullRunOut)
def undo_a_run(request: HttpRequest, run_id: str, given: ReasonIn) -> FullRunOut:
    """Take back what it did, the last thing first, back to the last point of no return."""
    admitted = admit(request, RUN_PLAN)
    run = access_run(admitted.person, run_id)
    undo_run(run_id=run.pk, reason=given.reason, by=admitted.by, now=admitted.now)
    return _after(admitted, run)


@router.post("/runs/{run_id}/inputs", response=FullRunOut)
def change_run_inputs(request: HttpRequest, run_id: str, given: InputsIn) -> FullRunOut:
    """Change what it was told; approvals are asked for again."""
    admitted = admit(request, RUN_PLAN)
    run = access_run(admitted.person, run_id)
    change_inputs(run_id=run.pk, inputs=given.inputs, reason=given.reason, by=admitted.by, now=admitted.now)
    return _after(admitted, run)


def _after(admitted: Admitted, run: Run) -> FullRunOut:
    return full_run_out(access_run(admitted.person, run.pk), now=admitted.now)


def _incident(person: Person, named: str | None) -> Incident | None:
    if not named:
        return None
    try:
        return access_incident(person, named)
    except NotFound as missing:
        raise BadInput(missing.sentence, errors={"incident": missing.sentence}) from missing
