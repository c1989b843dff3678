"""Plans, versions and runs for tests; the engine's work done at once, in this thread, at a time of the test's own."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from eap.actions.base import Host
from eap.execution.claim import claim, due
from eap.execution.execute import execute
from eap.execution.heartbeat import heartbeat
from eap.format.canonical import digest, stored
from eap.format.document import Document
from eap.models import InventoryHost, Plan, PlanVersion, Run, RunStep
from eap.models.inventory import Inventory
from eap.operations.runs.start_run import start_run
from engine.duties import run_once
from incidents.models import Incident
from incidents.operations.declare import declare
from ledger.actor import Actor
from ledger.models import Entry
from notifications.models import Page
from people.models import Person
from tests.builders import NOW, by

_numbers = itertools.count(1)
MINUTE: Final = timedelta(minutes=1)


def step(id_: str, kind: str = "manual", **more: Any) -> dict[str, Any]:
    """Return a step as a plan writes it."""
    return {"id": id_, "kind": kind, "title": more.pop("title", id_.replace("_", " ").capitalize()), **more}


def automation(id_: str, action: str = "test-set", *, text: str = "", **more: Any) -> dict[str, Any]:
    """Return an automation of one of the tests' actions."""
    return step(id_, more.pop("kind", "automation"), call={"action": action, "with": {"text": text}}, **more)


def chain(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    """Return steps of which each needs the one before."""
    for before, after in itertools.pairwise(steps):
        after.setdefault("needs", [before["id"]])
    return list(steps)


def make_document(steps: Sequence[dict[str, Any]], **more: Any) -> Document:
    """Return a plan's document; roles are made for every role that a step names unless given."""
    named = {s["role"] for s in steps if s.get("role")} | {
        role for s in steps if s.get("approval") for role in s["approval"]["roles"]
    }
    roles = {role: {"title": role.upper()} for role in named} | more.pop("roles", {})
    return Document.model_validate(
        {
            "key": more.pop("key", f"plan-{next(_numbers)}"),
            "title": more.pop("title", "Restore the web server"),
            "scenario": "It is down.",
            "owner": "Operations",
            "review_by": date(2027, 1, 1),
            "roles": roles,
            "steps": list(steps),
            **more,
        }
    )


def make_version(steps: Sequence[dict[str, Any]] = (), *, document: Document | None = None, **more: Any) -> PlanVersion:
    """Return a published version of a plan of these steps."""
    document = document or make_document(steps, **more)
    plan = Plan.objects.create(
        key=document.key,
        title=document.title,
        owner=document.owner,
        created_at=NOW,
        started_by_incidents=_wishes(document.started_for),
        suggested_by_incidents=_wishes(document.suggested_for),
    )
    version = PlanVersion.objects.create(
        plan=plan,
        number=1,
        state="published",
        text="",
        document=stored(document),
        digest=digest(document),
        created_at=NOW,
        edited_at=NOW,
        published_at=NOW,
    )
    plan.published = version
    plan.save(update_fields=["published"])
    return version


def _wishes(matching: Any) -> dict[str, Any]:
    wishes = {"types": list(matching.types), "severities": list(matching.severities)}
    return wishes if any(wishes.values()) else {}


def begin(
    version: PlanVersion,
    *,
    who: Person | None = None,
    inputs: Mapping[str, Any] | None = None,
    incident: Incident | None = None,
    drill: bool = False,
    now: datetime = NOW,
) -> Run:
    """Start a run, as `who` (nobody: Muster itself)."""
    with transaction.atomic():
        return start_run(
            version=version,
            inputs=inputs,
            incident=incident,
            drill=drill,
            by=by(who) if who else Actor.system(),
            now=now,
        )


def make_incident(
    title: str = "Web server down", *, severity: int = 3, type: str = "other", now: datetime = NOW
) -> Incident:
    """Declare an incident."""
    with transaction.atomic():
        return declare(title=title, severity=severity, type=type, by=Actor.system(), now=now)


def make_hosts(*names: str, group: str = "web", drill: bool = False) -> list[Host]:
    """Put hosts into an inventory."""
    inventory, _ = Inventory.objects.get_or_create(name="harbor")
    for name in names:
        InventoryHost.objects.create(inventory=inventory, name=name, address="127.0.0.1", groups=[group], drill=drill)
    return [Host(name=name, address="127.0.0.1", groups=(group,)) for name in names]


def at(run: Run, key: str) -> RunStep:
    """Return a step of a run as it is now."""
    return RunStep.objects.select_related("run", "person").get(run=run, key=key)


def page_of(run: Run, key: str) -> Page:
    """Return the page that calls for a step."""
    page_id = at(run, key).page_id
    assert page_id is not None
    return Page.objects.get(pk=page_id)


def states(run: Run) -> dict[str, str]:
    """Return the states of a run's steps by key."""
    return dict(RunStep.objects.filter(run=run).order_by("position").values_list("key", "state"))


def fresh(run: Run) -> Run:
    """Return a run as it is now."""
    return Run.objects.get(pk=run.pk)


def entries(run: Run, verb: str) -> int:
    """Return how often a verb is in a run's chain."""
    return Entry.objects.filter(subject=run.subject, verb=verb).count()


def do(operation: Any, **given: Any) -> Any:
    """Do an operation as its door would: in a transaction of its own."""
    given.setdefault("now", NOW)
    with transaction.atomic():
        return operation(**given)


def carry_out(now: datetime) -> int:
    """Carry out the executions that are due, one after the other; return how many."""
    kept = heartbeat()
    done = 0
    while claimed := claim(due(before=now, limit=500), now=now, limit=500):
        for each in claimed:
            execute(each, heartbeat=kept, time_of_day=lambda: now)
            done += 1
    return done


def go(now: datetime = NOW) -> None:
    """Do everything that is due, and what follows from it, until nothing is left."""
    for _ in range(200):
        moved = run_once("runs", now=now) + carry_out(now) + run_once("errands", now=now)
        if not moved:
            return
    raise AssertionError("The run never comes to rest.")
