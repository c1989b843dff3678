"""Runs and their steps as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from people.api_shapes import PersonRef
from web.api import Schema, Window
from web.api.fields import Given, Name, Text

StateAsked = Literal["", "open", "running", "paused", "stopping", "done", "failed", "stopped"]


class RunsAsked(Window):
    """Which runs: in a state (`open`: not yet ended), drills or not, for an incident (id or number), of a plan."""

    state: StateAsked = ""
    drill: bool | None = None
    incident: str = ""
    plan: str = ""


class StartIn(Given):
    """What a run is told; `incident` is an id or a number."""

    inputs: dict[str, Any] = Field(default_factory=dict)
    incident: Name | None = None
    drill: bool = False
    reason: Text = ""


class StopIn(Given):
    """How: `now`, `after_step`, `after_batch`."""

    how: Literal["now", "after_step", "after_batch"] = "now"
    reason: Text = ""


class ReasonIn(Given):
    """Why."""

    reason: Text = ""


class InputsIn(Given):
    """The inputs that change; every approval is asked for again."""

    inputs: dict[str, Any]
    reason: Text = ""


class ProofIn(Given):
    """A note, or a hash (`name` says of what)."""

    note: Text = ""
    name: Name = ""
    hash: Name = ""


class CompleteIn(Given):
    """What proves it; `facts` are what later steps may read."""

    note: Text = ""
    evidence: Annotated[list[ProofIn], Field(max_length=20)] = Field(default_factory=list)
    facts: dict[str, str | int | bool] = Field(default_factory=dict)


class LineIn(Given):
    """The answer to one line, counted from 0."""

    line: int
    answer: Literal["yes", "no", "na"]
    initials: Name


class LinesIn(Given):
    """Answers to lines of a pause point."""

    answers: Annotated[list[LineIn], Field(max_length=200)]


class VoteIn(Given):
    """Exactly what is approved: the `digest` that the approval shows."""

    digest: Name
    note: Text = ""


class ChooseIn(Given):
    """The key of an option."""

    option: Name
    reason: Text = ""


class RetryIn(Given):
    """What of a fan-out is tried again: `failed`, `not_started`, `unknown`, or the named `hosts`."""

    selections: list[Literal["failed", "not_started", "unknown"]] = Field(
        default_factory=lambda: ["failed", "not_started"]  # type: ignore[arg-type]  # literals
    )
    hosts: Annotated[list[Name], Field(max_length=10_000)] = Field(default_factory=list)
    reason: Text = ""


class SettleIn(Given):
    """What became of it: `done`, `failed`, or `repeat` it. Of all that is unknown, or of the named `hosts`."""

    as_: Literal["done", "failed", "repeat"] = Field(alias="as")
    hosts: Annotated[list[Name], Field(max_length=10_000)] = Field(default_factory=list)
    reason: Text


class ReassignIn(Given):
    """Who has it from now on: an id or e-mail address."""

    person: Name


class AddIn(Given):
    """A step that the plan lacks; `after` and `before` name steps by their keys."""

    title: Text
    instructions: Text = ""
    after: list[Name] = Field(default_factory=list)
    before: list[Name] = Field(default_factory=list)
    person: Name | None = None
    due_s: Annotated[int, Field(ge=1, le=30 * 86_400)] | None = None


class StepOut(Schema):
    """A step of a run. `id` is its key in the plan; `sentence` says how it stands or ended."""

    id: str
    title: str
    kind: str
    state: str
    role: str
    person: PersonRef | None
    due_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    planned_s: int | None
    overdue: bool
    sentence: str
    choice: str
    facts: dict[str, Any]
    progress: dict[str, int]
    gate: int | None
    link: str


class RunOut(Schema):
    """A run. `plan` is its key, `incident_id` null where it stands alone."""

    id: str
    state: str
    plan: str
    title: str
    version: int
    drill: bool
    incident_id: str | None
    parent_run_id: str | None
    inputs: dict[str, Any]
    reason: str
    started_by: str
    started_via: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    trouble: str
    stop: str
    stop_confirmed: bool | None


class FullRunOut(RunOut):
    """A run with its steps, in the order of the plan."""

    steps: list[StepOut]


class ApprovalOut(Schema):
    """What waits for an approval: exactly what it is about, and who said what already."""

    step: str
    title: str
    text: str
    digest: str
    count: int
    roles: list[str]
    destructive: bool
    expires_at: datetime | None
    basis: dict[str, Any]
    votes: list[dict[str, Any]]


class TargetOut(Schema):
    """One host of a fan-out; the name is empty where an automation runs without hosts."""

    name: str
    state: str
    wave: int
    purpose: str
    attempt_group: int
    tries: int
    sentence: str
    facts: dict[str, Any]
    stop_confirmed: bool | None
    started_at: datetime | None
    ended_at: datetime | None


class LogLineOut(Schema):
    """One line; `id` is the cursor."""

    id: int
    at: datetime
    step: str
    target: str
    text: str


class LogAsked(Window):
    """Lines of one step, or of one host of it."""

    step: str = ""
    target: str = ""


class EvidenceOut(Schema):
    """A piece of evidence of a step; `sha256` is the file's digest or the given hash."""

    step: str
    kind: str
    name: str
    text: str
    size: int
    sha256: str
    by: str
    at: datetime
