"""Reads of runs. The narrow doors are here: nobody gets a run of an incident that they may not know of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest

from eap.documents import pinned
from eap.models import LogLine, Run, RunStep, StepTarget
from eap.operations.runs.board import Board
from eap.operations.runs.news import RunNews
from eap.roles import Roles
from incidents.queries import hidden_incidents
from ledger.actor import Actor
from people.models import Person
from people.permissions import READ, RUN_PLAN, may
from web.errors import NotAllowed, NotFound

WORKABLE = (RunStep.State.READY, RunStep.State.ACTIVE, RunStep.State.UNKNOWN, RunStep.State.FAILED)


def visible_runs(person: Person) -> QuerySet[Run, Run]:
    """Return the runs that this person may see, newest first: those without an incident, and those of incidents that
    they may see. Who has a step in one sees it too."""
    if not may(person, READ):
        return Run.objects.none()
    hidden = hidden_incidents(person)
    if hidden is None:
        return Run.objects.all()
    mine = RunStep.objects.filter(person=person).values("run_id")
    return Run.objects.filter(Q(incident__isnull=True) | ~Q(incident__in=hidden) | Q(pk__in=mine))


def audible_runs(person: Person, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these runs this person may see, and so hear of when they change."""
    return set(visible_runs(person).order_by().filter(pk__in=ids).values_list("pk", flat=True))


def access_run(person: Person, run_id: UUID | str) -> Run:
    """Return a run by its id, if this person may see it; raise `NotFound` for any other."""
    try:
        wanted = UUID(str(run_id))
    except ValueError:
        raise NotFound("There is no such run.") from None
    found = visible_runs(person).select_related("plan", "version", "incident", "started_by", "parent").filter(pk=wanted)
    run = found.defer("version__text", "version__document").first()
    if run is None:
        raise NotFound("There is no such run.")
    return run


def access_step(person: Person, run_id: UUID | str, step: str) -> RunStep:
    """Return a step of a run that this person may see, by its key or its number; raise `NotFound` for any other."""
    run = access_run(person, run_id)
    wanted = Q(pk=int(step)) if step.isascii() and step.isdigit() and len(step) <= 18 else Q(key=step)
    found = RunStep.objects.filter(wanted, run=run).select_related("person").first()
    if found is None:
        raise NotFound("This run has no such step.")
    found.run = run
    return found


def require_work(person: Person, step: RunStep, *, now: datetime) -> None:
    """Raise `NotAllowed` unless this person may do a step: it is theirs, they hold its role, or they steer runs."""
    if step.person_id == person.pk or str(person.pk) in step.line or may(person, RUN_PLAN):
        return
    roles = pinned(step.run.version_id).document.roles
    if step.role in roles and person in Roles(now=now).line(step.run, roles[step.role]):
        return
    raise NotAllowed("This step belongs to somebody else. Have it given to you, or ask whoever leads the run.")


def listed_runs(
    person: Person,
    *,
    state: str = "",
    drill: bool | None = None,
    incident: UUID | None = None,
    plan: UUID | None = None,
) -> QuerySet[Run, Run]:
    """Return runs for a list, newest first; "open" is a state too."""
    found = visible_runs(person).select_related("plan", "incident", "started_by", "version")
    found = found.defer("version__text", "version__document")
    if state == "open":
        found = found.filter(state__in=Run.OPEN)
    elif state:
        found = found.filter(state=state)
    if drill is not None:
        found = found.filter(drill=drill)
    if incident is not None:
        found = found.filter(incident=incident)
    return found if plan is None else found.filter(plan=plan)


def steps_of(run: Run) -> QuerySet[RunStep, RunStep]:
    """Return a run's steps in the order of the plan, added ones last, with who has them at hand."""
    return RunStep.objects.filter(run=run).select_related("person").order_by("position", "pk")


def board_for_reading(run: Run) -> Board:
    """Return a run with its steps as operations see it, without a lock: for what is to be approved. Never saved."""
    news = RunNews(by=Actor.system(), now=run.started_at)
    return Board(run, list(steps_of(run)), news=news, incident=run.incident)


def my_steps(person: Person) -> QuerySet[RunStep, RunStep]:
    """Return what waits for this person in open runs: steps that are theirs, the one due first on top."""
    found = RunStep.objects.filter(person=person, state__in=WORKABLE, run__state__in=Run.OPEN)
    found = found.exclude(state="failed", lets_pass=True)
    return found.select_related("run", "run__incident").order_by(F("due_at").asc(nulls_last=True), "ready_at", "pk")


def open_approvals(person: Person) -> QuerySet[RunStep, RunStep]:
    """Return the approvals and gates that this person may still answer, the oldest first."""
    waiting = Q(kind="approval", state__in=["ready", "active"]) | Q(gate__isnull=False, state="active")
    found = RunStep.objects.filter(waiting, run__state=Run.State.RUNNING, line__contains=[str(person.pk)])
    voted = Q(votes__person=person, votes__voided_at__isnull=True)
    return found.exclude(voted & Q(gate__isnull=True)).select_related("run", "run__incident").order_by("ready_at", "pk")


def log_lines(run: Run, *, after: int, limit: int, step: RunStep | None = None, target: str = "") -> list[LogLine]:
    """Return a run's log from a cursor (the id of the last line one has) on, oldest first. By index, however long."""
    found = LogLine.objects.filter(step=step) if step is not None else LogLine.objects.filter(run=run)
    if target:
        found = found.filter(target_name=target)
    return list(found.filter(pk__gt=after).order_by("pk")[:limit])


def last_lines(run: Run, *, limit: int, step: RunStep | None = None) -> list[LogLine]:
    """Return the last lines of a log, oldest first."""
    found = LogLine.objects.filter(step=step) if step is not None else LogLine.objects.filter(run=run)
    return list(reversed(found.order_by("-pk")[:limit]))


def targets_of(step: RunStep) -> QuerySet[StepTarget, StepTarget]:
    """Return the executions of a step, without previews, in the order of the waves."""
    return StepTarget.objects.filter(step=step).exclude(purpose="preview").order_by("wave", "position", "pk")


def progress(steps: list[RunStep]) -> dict[int, dict[str, int]]:
    """Return how many executions of each step stand how: {step: {state: count}}. One query."""
    found: dict[int, dict[str, int]] = {}
    rows = StepTarget.objects.filter(step__in=steps).exclude(purpose="preview").order_by()
    for row in rows.values("step_id", "state").annotate(total=Count("pk")):
        found.setdefault(row["step_id"], {})[row["state"]] = row["total"]
    return found


def step_times(plan_id: UUID, *, drill: bool = False, runs: int = 20) -> dict[str, dict[str, Any]]:
    """Return planned and real seconds of each step over a plan's last runs, drills apart, by key."""
    recent = Run.objects.filter(plan=plan_id, drill=drill, state=Run.State.DONE).order_by("-started_at")[:runs]
    found: dict[str, dict[str, Any]] = {}
    rows = RunStep.objects.filter(run__in=list(recent), state="done", started_at__isnull=False)
    for step in rows.only("key", "title", "planned_s", "started_at", "ended_at").order_by("position"):
        assert step.started_at is not None and step.ended_at is not None  # noqa: S101, PT018  (asked for)
        entry = found.setdefault(step.key, {"title": step.title, "planned_s": step.planned_s, "took_s": []})
        entry["took_s"].append(round((step.ended_at - step.started_at).total_seconds(), 1))
    return found


def waiting_count(request: HttpRequest) -> int:
    """Return how many steps of open runs wait for the reader: theirs to do, by one look at an index."""
    person = request.user
    return my_steps(person).count() if isinstance(person, Person) else 0
