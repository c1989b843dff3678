"""From rows to what the API answers about runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eap.approvals import about, basis
from eap.models import Evidence, LogLine, Run, RunStep, StepTarget, Vote
from eap.run_queries import board_for_reading, progress, steps_of
from eap.runs_api_shapes import ApprovalOut, EvidenceOut, FullRunOut, LogLineOut, RunOut, StepOut, TargetOut
from people.api_shapes import person_ref


def run_out(run: Run) -> RunOut:
    """Return a run without its steps."""
    return RunOut(**_facts(run))


def _facts(run: Run) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "state": run.state,
        "plan": run.plan.key,
        "title": run.title,
        "version": run.version.number,
        "drill": run.drill,
        "incident_id": str(run.incident_id) if run.incident_id else None,
        "parent_run_id": str(run.parent.run_id) if run.parent else None,
        "inputs": run.inputs,
        "reason": run.reason,
        "started_by": run.started_by_name,
        "started_via": run.started_via,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "outcome": run.outcome,
        "trouble": run.trouble,
        "stop": run.stop,
        "stop_confirmed": run.stop_confirmed,
    }


def full_run_out(run: Run, *, now: datetime) -> FullRunOut:
    """Return a run with its steps; two queries."""
    steps = list(steps_of(run))
    counts = progress([step for step in steps if step.kind in ("automation", "verify")])
    shown = [step_out(step, counts.get(step.pk, {}), now=now) for step in steps]
    return FullRunOut(**_facts(run), steps=shown)


def step_out(step: RunStep, counts: dict[str, int], *, now: datetime) -> StepOut:
    """Return a step as it is."""
    late = step.due_at is not None and step.ended_at is None and step.due_at <= now
    return StepOut(
        id=step.key,
        title=step.title,
        kind=step.kind,
        state=step.state,
        role=step.role,
        person=person_ref(step.person) if step.person else None,
        due_at=step.due_at,
        started_at=step.started_at,
        ended_at=step.ended_at,
        planned_s=step.planned_s,
        overdue=late,
        sentence=step.sentence,
        choice=step.choice,
        facts=step.facts,
        progress=counts,
        gate=step.gate,
        link=step.link,
    )


def approvals_out(run: Run) -> list[ApprovalOut]:
    """Return what of a run waits for an approval now."""
    board = board_for_reading(run)
    found = []
    for step in board.steps:
        waits = (step.kind == "approval" and step.state in ("ready", "active")) or (
            step.gate is not None and step.state == "active"
        )
        if not waits:
            continue
        asked = board.described[step.key].approval
        what = basis(board, step)
        votes = Vote.objects.filter(step=step, about=about(step), voided_at=None).select_related("person")
        found.append(
            ApprovalOut(
                step=step.key,
                title=step.title,
                text=what.text,
                digest=what.digest,
                count=asked.count if asked else 1,
                roles=list(asked.roles) if asked else [step.role],
                destructive=asked.destructive if asked else board.described[step.key].destructive,
                expires_at=step.wake_at if asked else None,
                basis=dict(what.facts),
                votes=[
                    {"person": vote.person.name, "answer": vote.answer, "at": vote.at.isoformat()} for vote in votes
                ],
            )
        )
    return found


def target_out(row: StepTarget) -> TargetOut:
    """Return one execution."""
    return TargetOut(
        name=row.name,
        state=row.state,
        wave=row.wave,
        purpose=row.purpose,
        attempt_group=row.attempt_group,
        tries=row.tries,
        sentence=row.sentence,
        facts=row.facts,
        stop_confirmed=row.stop_confirmed,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def log_line_out(line: LogLine, keys: dict[int, str]) -> LogLineOut:
    """Return one line; `keys` are the run's steps by number."""
    return LogLineOut(id=line.pk, at=line.at, step=keys[line.step_id], target=line.target_name, text=line.text)


def evidence_out(run: Run) -> list[EvidenceOut]:
    """Return a run's evidence, oldest first, without the files themselves."""
    rows = Evidence.objects.filter(step__run=run).select_related("step").defer("content").order_by("at", "pk")
    return [
        EvidenceOut(
            step=row.step.key,
            kind=row.kind,
            name=row.name,
            text=row.text,
            size=row.size,
            sha256=row.sha256,
            by=row.person_name,
            at=row.at,
        )
        for row in rows
    ]


def keys_of(run: Run) -> dict[int, str]:
    """Return the keys of a run's steps by their numbers."""
    return dict(RunStep.objects.filter(run=run).values_list("pk", "key"))
