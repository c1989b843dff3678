"""Plans in the API: read them, bring drafts in, hand them in, publish them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from pydantic import Field, StringConstraints

from eap.format.problems import Problem
from eap.format.source import MOST_BYTES
from eap.models import Plan, PlanVersion
from eap.operations.plans.begin import begin_from_text
from eap.operations.plans.review import publish, reject, submit
from eap.plan_queries import access_plan, access_version, listed_plans, read_among_plans
from people.api_door import admit
from people.api_shapes import PersonRef
from people.models import Person
from people.permissions import READ, REVIEW_PLAN, WRITE_PLAN
from web.api import Page, Query, Router, Schema, Status, Window, paged
from web.api.fields import Given, Name, Text
from web.errors import BadInput, NotFound

router = Router(tags=["plans"])
Yaml = Annotated[str, StringConstraints(max_length=MOST_BYTES)]


class VersionRef(Schema):
    """A version by its number, and the digest of what it says."""

    id: str
    number: int
    state: str
    digest: str


class PlanOut(Schema):
    """A plan; `version` is the one that runs start from, `under_work` a draft or what is in review."""

    id: str
    key: str
    title: str
    owner: str
    builtin: bool
    archived: bool
    version: VersionRef | None
    under_work: VersionRef | None
    review_by: date | None
    last_exercised_at: datetime | None


class ProblemOut(Schema):
    """What is wrong with a text, and where; `level` is error or warning."""

    line: int
    column: int
    level: str
    sentence: str


class VersionOut(VersionRef):
    """A version with its text; `problems` say what keeps it from being handed in."""

    plan: str
    notes: str
    created_by: PersonRef | None
    created_at: datetime
    submitted_at: datetime | None
    published_at: datetime | None
    text: str
    problems: list[ProblemOut]


class DraftIn(Given):
    """A plan's YAML. Its key decides whether it is a new plan or another one's next version."""

    text: Yaml
    notes: Text = ""


class PublishIn(Given):
    """The digest of the version that was read; another one is refused."""

    digest: Name


class RejectIn(Given):
    """What has to change."""

    reason: Text = Field(min_length=1)


@router.get("/plans", response=Page[PlanOut])
def list_plans(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    """Plans in use by title."""
    admit(request, READ)
    return paged(listed_plans(), window=window, order=("title", "key"), serialize=_plan_out)


@router.post("/plans", response={201: VersionOut})
def draft_plan(request: HttpRequest, given: DraftIn) -> Status[VersionOut]:
    """Bring a text in as a draft: of a new plan, or the next version of the one whose key it says."""
    admitted = admit(request, WRITE_PLAN)
    version = begin_from_text(
        text=given.text, notes=given.notes, person=admitted.person, by=admitted.by, now=admitted.now
    )
    return Status(201, _version_out(version))


@router.get("/plans/{plan_id}", response=PlanOut)
def get_plan(request: HttpRequest, plan_id: str) -> PlanOut:
    """One plan, by its id or its key."""
    admit(request, READ)
    plan = access_plan(plan_id)
    found = listed_plans(archived=plan.archived_at is not None).filter(pk=plan.pk).first()
    if found is None:
        raise NotFound("There is no such plan.")
    return _plan_out(found)


@router.get("/plans/{plan_id}/versions", response=Page[VersionRef])
def list_versions(request: HttpRequest, plan_id: str, window: Query[Window]) -> dict[str, Any]:
    """A plan's versions, newest first."""
    admit(request, READ)
    versions = PlanVersion.objects.filter(plan=access_plan(plan_id)).defer("text", "document")
    return paged(versions, window=window, order=("-number",), serialize=_version_ref)


@router.get("/plans/{plan_id}/versions/{number}", response=VersionOut)
def get_version(request: HttpRequest, plan_id: str, number: int) -> VersionOut:
    """One version with its text and what is wrong with it."""
    admit(request, READ)
    return _version_out(_version(plan_id, number))


@router.post("/plans/{plan_id}/versions/{number}/submit", response=VersionOut)
def submit_version(request: HttpRequest, plan_id: str, number: int) -> VersionOut:
    """Hand a draft in for review."""
    admitted = admit(request, WRITE_PLAN)
    version = _version(plan_id, number)
    return _version_out(submit(version_id=version.pk, person=admitted.person, by=admitted.by, now=admitted.now))


@router.post("/plans/{plan_id}/versions/{number}/publish", response=VersionOut)
def publish_version(request: HttpRequest, plan_id: str, number: int, given: PublishIn) -> VersionOut:
    """Publish a version as its second person."""
    admitted = admit(request, REVIEW_PLAN)
    version = _version(plan_id, number)
    by, now = admitted.by, admitted.now
    return _version_out(publish(version_id=version.pk, digest=given.digest, person=admitted.person, by=by, now=now))


@router.post("/plans/{plan_id}/versions/{number}/reject", response=VersionOut)
def reject_version(request: HttpRequest, plan_id: str, number: int, given: RejectIn) -> VersionOut:
    """Send a version back, saying why."""
    admitted = admit(request, REVIEW_PLAN)
    version = _version(plan_id, number)
    by, now = admitted.by, admitted.now
    return _version_out(reject(version_id=version.pk, reason=given.reason, person=admitted.person, by=by, now=now))


def _version(plan_id: str, number: int) -> PlanVersion:
    if not 0 < number < 1_000_000:
        raise BadInput("There is no such version.", errors={"number": "Versions count from 1."})
    return access_version(access_plan(plan_id).key, number)


def _version_ref(version: PlanVersion) -> VersionRef:
    return VersionRef(id=str(version.pk), number=version.number, state=version.state, digest=version.digest)


def _plan_out(plan: Plan) -> PlanOut:
    under_work: PlanVersion | None = next(iter(plan.under_work), None)  # type: ignore[attr-defined]
    return PlanOut(
        id=str(plan.pk),
        key=plan.key,
        title=plan.title,
        owner=plan.owner,
        builtin=plan.builtin,
        archived=plan.archived_at is not None,
        version=_version_ref(plan.published) if plan.published else None,
        under_work=_version_ref(under_work) if under_work else None,
        review_by=plan.review_by,
        last_exercised_at=plan.last_exercised_at,
    )


def _version_out(version: PlanVersion) -> VersionOut:
    return VersionOut(
        **_version_ref(version).model_dump(),
        plan=version.plan.key,
        notes=version.notes,
        created_by=_person(version.created_by),
        created_at=version.created_at,
        submitted_at=version.submitted_at,
        published_at=version.published_at,
        text=version.text,
        problems=[_problem(problem) for problem in read_among_plans(version.text).problems],
    )


def _person(person: Person | None) -> PersonRef | None:
    return PersonRef(id=str(person.pk), name=person.name) if person else None


def _problem(problem: Problem) -> ProblemOut:
    return ProblemOut(line=problem.line, column=problem.column, level=problem.level, sentence=problem.sentence)
