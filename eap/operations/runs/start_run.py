"""Start a run of a plan's version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from eap.documents import pinned
from eap.format.document import Document
from eap.hosts import unknown_names
from eap.models import PlanVersion, Run, RunStep
from eap.operations.runs.advance import advance
from eap.operations.runs.board import Board
from eap.operations.runs.news import RunNews
from eap.rules.inputs import Checked, checked_inputs
from eap.values import filled, inputs_of
from incidents.models import Incident
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput, IllegalMove


def start_run(
    *,
    version: PlanVersion,
    by: Actor,
    now: datetime,
    inputs: Mapping[str, Any] | None = None,
    incident: Incident | None = None,
    drill: bool = False,
    reason: str = "",
    via: str = "",
    parent: RunStep | None = None,
    informant: Person | None = None,
) -> Run:
    """Start a published version with these inputs and return its run; the first steps have begun when it is committed.

    `via` says what started it (schedule, webhook, rule, plan), by default the actor's own way. `informant` gave the
    inputs where a machine starts it, and so approves nothing. Hosts that the plan names and no inventory has are
    trouble that people see. Raises `BadInput` with a sentence for each input that can't be used, `IllegalMove` for a
    version that isn't published or an archived plan. Takes no lock that anybody waits for but the ledger's heads.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A run starts inside a transaction.")
    plan = version.plan
    if version.state != PlanVersion.State.PUBLISHED:
        raise IllegalMove(f"Version {version.number} of “{plan.title}” is not published, so it can't be run.")
    if plan.archived_at is not None:
        raise IllegalMove(f"“{plan.title}” is archived; nothing starts from it any more.")
    document = pinned(version.pk)
    given = check_inputs(version, inputs or {}, now=now)
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    # Who asked for the whole may not agree to its parts either.
    starter, givers = (
        (parent.run.started_by, parent.run.inputs_given_by) if parent else (person, _ids(person or informant))
    )
    run = Run.objects.create(
        plan=plan,
        version=version,
        title=document.document.title[:200],
        drill=drill,
        incident=incident,
        parent=parent,
        inputs=given.plain,
        secret_inputs=json.dumps(given.secret) if given.secret else "",
        inputs_given_by=givers,
        started_by=starter,
        started_by_name=by.name[:100],
        started_via=(via or by.via)[:20],
        reason=reason[:1000],
        number_of_steps=len(document.steps),
        trouble=_unknown_hosts(document.document, now=now),
        started_at=now,
    )
    steps = _make_steps(run, incident)
    news = RunNews(by=by, now=now)
    board = Board(run, steps, news=news, incident=incident)
    news.say(
        run,
        "run.started",
        payload={
            "version": document.number,
            "digest": document.digest,
            "inputs": _for_the_ledger(given),
            "via": run.started_via,
            "incident": incident.number if incident else None,
            "parent": str(parent.run_id) if parent else None,
        },
        personal=run.reason,
    )
    advance([board])
    return run


def _ids(person: Person | None) -> list[str]:
    return [str(person.pk)] if person else []


def check_inputs(
    version: PlanVersion,
    inputs: Mapping[str, Any],
    *,
    now: datetime,
    refused: str = "The run was not started.",
    partly: bool = False,
) -> Checked:
    """Return the inputs as a run keeps them; `partly`: the others come later. Hosts have to be in an inventory.

    Raises `BadInput` that begins with `refused` and has a sentence per field ("inputs.<name>").
    """
    asked = pinned(version.pk).document.inputs
    given = checked_inputs(asked, inputs, partly=partly)
    for name, value in given.plain.items():
        strange = unknown_names(value, now=now) if asked[name].type == "hosts" and value else []
        if strange:
            given.errors[name] = (
                f"{asked[name].title}: no inventory has a host or a group called {', '.join(strange)}. "
                "Look at the spelling, or add it to an inventory."
            )
    if given.errors:
        sentence = f"{refused} {' '.join(given.errors.values())}"
        raise BadInput(sentence, errors={f"inputs.{name}": text for name, text in given.errors.items()})
    return given


def _unknown_hosts(document: Document, *, now: datetime) -> str:
    """Return what people read where the plan itself names hosts that nobody knows: its other steps are still worth
    doing, so it starts all the same."""
    named = [step.targets.hosts for step in document.steps if step.targets is not None]
    strange = unknown_names((name for name in named if not name.startswith("inputs.")), now=now)
    if not strange:
        return ""
    return f"No inventory has a host or a group called {', '.join(strange)}; steps that run there will fail."[:300]


def _make_steps(run: Run, incident: Incident | None) -> list[RunStep]:
    document = pinned(run.version_id).document
    values = {
        "inputs": inputs_of(run, document),
        "run": {"id": str(run.pk), "drill": run.drill},
        "incident": {"title": incident.title, "number": incident.number} if incident else {},
    }
    return RunStep.objects.bulk_create(
        RunStep(
            run=run,
            key=step.id,
            position=number,
            kind=step.kind.value,
            title=filled(step.title, values)[:200],
            role=step.role or "",
            planned_s=step.due,
        )
        for number, step in enumerate(document.steps)
    )


def _for_the_ledger(given: Checked) -> dict[str, Any]:
    """Numbers that aren't whole are written out: a chain holds no floats."""
    return {
        **{name: str(value) if isinstance(value, float) else value for name, value in given.plain.items()},
        **dict.fromkeys(given.secret, "(secret)"),
    }
