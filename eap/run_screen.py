"""A run as its screens show it: what waits for the reader, how each step stands, how far the work has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from eap.approvals import Basis, basis
from eap.documents import Pinned, described
from eap.format.document import Input, Step
from eap.format.drawing import ICONS, Shown
from eap.models import Run, RunStep, StepTarget
from eap.outline import KIND_WORDS
from eap.rules.transitions import why_not
from eap.run_queries import board_for_reading, progress
from people.models import Person
from people.permissions import RUN_PLAN, may

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("quiet", "hourglass"),
    "ready": ("watch", "bell"),
    "active": ("calm", "play"),
    "done": ("ok", "check"),
    "failed": ("bad", "cross"),
    "skipped": ("quiet", "right"),
    "unknown": ("bad", "question"),
    "cancelled": ("quiet", "stop"),
}
RUN_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "running": ("calm", "play"),
    "paused": ("watch", "pause"),
    "stopping": ("watch", "hourglass"),
    "done": ("ok", "check"),
    "failed": ("bad", "cross"),
    "stopped": ("quiet", "stop"),
}
TARGET_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("quiet", "hourglass"),
    "running": ("calm", "play"),
    "done": ("ok", "check"),
    "failed": ("bad", "cross"),
    "unknown": ("bad", "question"),
    "skipped": ("quiet", "right"),
    "stopped": ("quiet", "stop"),
}
ENDED: Final = ("done", "skipped", "cancelled")
VERBS: Final = ("start", "complete", "answer", "choose", "vote", "skip", "fail", "reassign", "retry", "settle")
PEOPLE: Final = ("manual", "pause_point", "approval", "decision")
OVERDUE: Final = _lazy("Overdue")


@dataclass(frozen=True)
class Bar:
    """How far a fan-out has come: executions done, failed and in all; `text` says rate and time left."""

    done: int
    failed: int
    total: int
    text: str


@dataclass(frozen=True)
class Row:
    """One step as lists show it."""

    step: RunStep
    number: int
    shown: Shown
    kind: str
    icon: str
    overdue: bool = False
    bar: Bar | None = None
    no_way_back: bool = False
    destructive: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Task:
    """A step with all that somebody needs to do it. `verbs` are those that its state and kind allow."""

    row: Row
    described: Step
    verbs: frozenset[str]
    lines: list[tuple[int, Any, Any]] = field(default_factory=list)
    basis: Basis | None = None
    inputs: list[tuple[str, str]] = field(default_factory=list)
    votes: list[Any] = field(default_factory=list)
    may_work: bool = False
    may_vote: bool = False
    wants_second_factor: bool = False

    @property
    def proofs(self) -> list[str]:
        """Return which kinds of evidence the plan asks for."""
        return [name for name in ("note", "file", "hash") if getattr(self.described.evidence, name)]


def rows(run: Run, steps: Sequence[RunStep], document: Pinned, *, now: datetime) -> list[Row]:
    """Return every step in the order of the plan. One query for the fan-outs, whatever their number."""
    counts = progress([step for step in steps if step.kind in ("automation", "verify") and step.started_at])
    return [
        _row(step, number, described(step, document), counts.get(step.pk), run, now)
        for number, step in _numbered(steps)
    ]


def _numbered(steps: Sequence[RunStep]) -> list[tuple[int, RunStep]]:
    return list(enumerate(steps, start=1))


def _row(step: RunStep, number: int, plan: Step, counts: Mapping[str, int] | None, run: Run, now: datetime) -> Row:
    living = run.is_open and step.state in ("ready", "active", "unknown")
    return Row(
        step=step,
        number=number,
        shown=shown(step),
        kind=str(KIND_WORDS[plan.kind]),
        icon=ICONS[plan.kind],
        overdue=bool(living and step.due_at and step.due_at < now),
        bar=_bar(step, counts, now) if counts else None,
        no_way_back=plan.point_of_no_return,
        destructive=plan.destructive,
        optional=plan.when is not None,
    )


def shown(step: RunStep) -> Shown:
    """Return how a step's state is drawn."""
    kind, icon = STATES[step.state]
    return Shown(kind, icon, str(RunStep.State(step.state).label))


def _bar(step: RunStep, counts: Mapping[str, int], now: datetime) -> Bar:
    total, done = sum(counts.values()), counts.get("done", 0) + counts.get("skipped", 0)
    failed = counts.get("failed", 0) + counts.get("unknown", 0) + counts.get("stopped", 0)
    return Bar(done=done, failed=failed, total=total, text=_pace(step, done + failed, total, now))


def _pace(step: RunStep, over: int, total: int, now: datetime) -> str:
    text = _("{over} of {total}").format(over=over, total=total)
    if step.state != RunStep.State.ACTIVE or step.started_at is None or over < 2 or over >= total:
        return text
    took = max(1.0, (now - step.started_at).total_seconds())
    left = took / over * (total - over)
    rate = over / took * 60
    return text + " · " + _("{rate} a minute, {left} left").format(rate=f"{rate:.0f}", left=in_words(left))


def in_words(seconds: float) -> str:
    """Return a duration as people say it: "40 s", "12 min", "3 h 5 min", "2 d 4 h"."""
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    if whole < 3_600:
        return f"{round(whole / 60)} min"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"


def states(steps: Sequence[RunStep]) -> dict[str, Shown]:
    """Return the colours of the plan's picture: a waiting step has none."""
    return {step.key: shown(step) for step in steps if step.state != RunStep.State.WAITING}


def task(run: Run, row: Row, document: Pinned, person: Person, *, waits_for_vote: bool) -> Task:
    """Return what somebody needs to do a step; an approval says exactly what is approved."""
    step, plan = row.step, described(row.step, document)
    verbs = frozenset(verb for verb in VERBS if run.is_open and not why_not(verb, kind=step.kind, state=step.state))
    asked = step.kind == "approval" or step.gate is not None
    answers = {answer.line: answer for answer in step.answers.select_related("person")} if plan.lines else {}
    return Task(
        row=row,
        described=plan,
        verbs=verbs if asked else verbs - {"vote"},
        lines=[(number, line, answers.get(number)) for number, line in enumerate(plan.lines)],
        basis=basis(board_for_reading(run), step) if asked and "vote" in verbs else None,
        inputs=written(run.inputs, document.document.inputs) if asked else [],
        votes=list(step.votes.select_related("person")) if asked else [],
        may_work=run.state == Run.State.RUNNING and _may_work(step, person),
        may_vote=waits_for_vote and run.state == Run.State.RUNNING,
        wants_second_factor=plan.approval.destructive if plan.approval else plan.destructive,
    )


def _may_work(step: RunStep, person: Person) -> bool:
    return step.person_id == person.pk or str(person.pk) in step.line or may(person, RUN_PLAN)


def waits_for(step: RunStep, person: Person, *, voted: bool) -> bool:
    """Tell whether a step waits for this person now: it is theirs to do, or theirs to approve."""
    if step.state not in ("ready", "active", "unknown", "failed") or step.lets_pass:
        return False
    if step.kind == "approval" or step.gate is not None:
        return step.state in ("ready", "active") and str(person.pk) in step.line and not voted
    if step.kind in PEOPLE:
        return step.person_id == person.pk
    return step.person_id == person.pk and step.state in ("failed", "unknown")


def headline(steps: Sequence[RunStep]) -> Bar:
    """Return how far a whole run has come, by steps; those left out by a condition count as done."""
    over = sum(1 for step in steps if step.state in ENDED)
    failed = sum(1 for step in steps if step.state in ("failed", "unknown"))
    text = _("{over} of {total} steps").format(over=over, total=len(steps))
    return Bar(done=over, failed=failed, total=len(steps), text=text)


@dataclass(frozen=True)
class Took:
    """Planned and real seconds of a step, and both as shares of the longest, in whole percent for the chart."""

    title: str
    planned: str
    real: str
    planned_share: int
    real_share: int
    late: bool


def durations(steps: Sequence[RunStep], *, now: datetime) -> list[Took]:
    """Return planned against real duration of the steps that have begun and have one of the two worth showing."""
    found = []
    for step in steps:
        if step.started_at is None or step.bypassed:
            continue
        begun = step.ready_at or step.started_at
        real = ((step.ended_at or now) - begun).total_seconds()
        if step.planned_s or real >= 1:
            found.append((step.title, step.planned_s, real))
    longest = max((max(planned or 0, real) for _title, planned, real in found), default=1) or 1
    return [
        Took(
            title=title,
            planned=in_words(planned) if planned else "",
            real=in_words(real),
            planned_share=round((planned or 0) / longest * 100),
            real_share=max(1, round(real / longest * 100)),
            late=bool(planned and real > planned),
        )
        for title, planned, real in found
    ]


def waiting_by_role(steps: Sequence[RunStep], document: Pinned, *, now: datetime) -> list[tuple[str, str]]:
    """Return how long the run waited for each role, the longest first: while at least one of its steps was free to
    begin and had not ended. Steps that wait at the same time count once."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for step in steps:
        if step.kind in PEOPLE and step.ready_at and not step.bypassed:
            name = _asked(described(step, document), document)
            spans.setdefault(name, []).append((step.ready_at, step.ended_at or now))
    waited = {name: _covered(each) for name, each in spans.items()}
    return [(name, in_words(seconds)) for name, seconds in sorted(waited.items(), key=lambda each: -each[1])]


def _covered(spans: list[tuple[datetime, datetime]]) -> float:
    """Return the seconds that spans of time cover together."""
    seconds, until = 0.0, min(begin for begin, _end in spans)
    for begin, end in sorted(spans):
        seconds += max(0.0, (end - max(begin, until)).total_seconds())
        until = max(until, end)
    return seconds


def _asked(plan: Step, document: Pinned) -> str:
    keys = plan.approval.roles if plan.approval else (plan.role,)
    titles = [document.document.roles[key].title for key in keys if key in document.document.roles]
    return _(" or ").join(titles) or _("Whoever leads")


def target_shown(target: StepTarget) -> Shown:
    """Return how an execution's state is drawn."""
    kind, icon = TARGET_STATES[target.state]
    return Shown(kind, icon, str(StepTarget.State(target.state).label))


def written(inputs: Mapping[str, Any], asked: Mapping[str, Input]) -> list[tuple[str, str]]:
    """Return a run's inputs as people read them, by their titles."""
    return [(asked[name].title if name in asked else name, _written(value)) for name, value in inputs.items()]


def _written(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
