"""The plan as data: what a plan's YAML says once it is read. The one definition; the JSON Schema is made from it.

Every part is frozen and refuses unknown keys, so that a misspelt `point_of_no_retrun` is an error and no surprise.
References between parts (needs, roles, lanes, inputs) are checked by `eap.format.check`, not here.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from eap.format.durations import Duration
from eap.format.kinds import Kind

FORMAT: Final = "muster-plan/1"
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""Keys name plans, steps, roles and lanes; names (without hyphens) are what expressions can spell."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(max_length=20_000)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Part(BaseModel):
    """What all parts of a plan share."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Mode(StrEnum):
    """Read an item and do it (rare, irreversible), or do from memory, stop and confirm."""

    READ_DO = "read-do"
    DO_CONFIRM = "do-confirm"


class Matching(Part):
    """Which incidents suggest or start a plan: any of these types and any of these severities; empty means none."""

    types: tuple[str, ...] = ()
    severities: tuple[Annotated[int, Field(ge=1, le=4)], ...] = ()


class FailureIncident(Part):
    """The incident that is opened when a run ends as failed."""

    title: Line
    severity: Annotated[int, Field(ge=1, le=4)] = 3
    type: str = "other"


class Failure(Part):
    """What follows when a run of this plan ends as failed and belongs to no incident yet; nothing follows in a drill.

    As long as the incident of an earlier failure is open, a further one joins it.
    """

    incident: FailureIncident


class PlanRole(Part):
    """Who does the steps of a role: the first source that names somebody, stand-ins after them.

    Sources, tried in order: `incident_role` (commander, deputy, operations, communications, scribe, sponsor),
    `schedule` (its key: who is on call), `team`, `tier` (its key), `person` (e-mail address).
    """

    title: Line
    incident_role: str = ""
    schedule: str = ""
    team: str = ""
    tier: str = ""
    person: str = ""


class Input(Part):
    """What a run must be told. A `secret` is stored encrypted and never shown; `choice` needs `options`."""

    type: Literal["text", "number", "boolean", "date", "datetime", "choice", "secret", "hosts"]
    title: Line
    help: Prose = ""
    required: bool = True
    default: Any = None
    options: tuple[Line, ...] = ()
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None


class Lane(Part):
    """A line of work with an owner, drawn as a column or band of its own."""

    title: Line
    owner: Key


class Retry(Part):
    """How often an automation that failed for a passing reason is tried again, and how long it waits (doubling)."""

    times: Annotated[int, Field(ge=0, le=20)] = 0
    wait: Duration = 10


class Limits(Part):
    """When a fan-out stops by itself. See `eap.rules.failure_limits` for the one rule."""

    failures: Annotated[int, Field(ge=0)] | None = None
    percent: Annotated[float, Field(ge=0, le=100)] | None = None


class FanOut(Part):
    """Over which hosts an automation runs, and how fast: the canary first, then each wave, a gate between them.

    `hosts` names an inventory group, or an input of type hosts as `inputs.<name>`. Waves are counts ("100") or
    percentages ("10%") of what is left over the canary; the rest comes last.
    """

    hosts: str
    canary: Annotated[int, Field(ge=0)] = 1
    waves: tuple[Annotated[str, StringConstraints(pattern=r"^\d+%?$")], ...] = ()
    concurrency: Annotated[int, Field(ge=1, le=500)] = 10
    per_second: Annotated[float, Field(gt=0)] | None = None
    wave_limits: Limits = Limits()
    total_limits: Limits = Limits()
    gate: Literal["none", "approval"] = "none"


class Call(Part):
    """A registered action with its inputs. Texts may hold `{inputs.name}`, `{steps.id.field}`, `{target.name}`,
    `{run.id}`; `{secrets.name}` is put in by the action itself, at the last moment, and never stored."""

    action: Key
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Approval(Part):
    """How many of which roles must agree. The requester is excluded; `destructive` needs a second factor; after
    `expires` the answer is no; a changed input or version voids it."""

    roles: tuple[Key, ...]
    count: Annotated[int, Field(ge=1, le=10)] = 1
    destructive: bool = False
    expires: Duration = 3_600
    of: Prose = ""


class PauseLine(Part):
    """One line of a pause point: answered yes, no or not applicable, with initials. `must`: no misses allowed."""

    text: Line
    must: bool = False


class PageOrder(Part):
    """Whom a page step reaches: a role of the plan, or an escalation policy by name."""

    role: Key | None = None
    policy: str = ""
    title: Line
    urgency: Literal["high", "low"] = "high"


class Update(Part):
    """The draft that a status-update step lays on the status page; a person still approves and publishes it."""

    name: Line
    stage: Literal["investigating", "identified", "monitoring", "resolved"]
    texts: dict[str, Prose]
    status: Literal["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"] = (
        "partial_outage"
    )
    next_update: Duration | None = 1_800


class Wait(Part):
    """Wait for a time, or until an expression holds (looked at every `every`, given up after `at_most`)."""

    time: Duration | None = None
    until: Expression | None = None
    every: Duration = 30
    at_most: Duration = 86_400


class Option(Part):
    """One answer of a decision."""

    key: Name
    title: Line


class Decision(Part):
    """A branch: a person chooses, or `by` (an expression that gives an option's key) does.

    Steps follow a branch by `when: steps.<id>.choice == "<key>"`.
    """

    question: Line
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=8)]
    by: Expression | None = None


class SubPlan(Part):
    """Another plan, started as a run of its own; the step ends as that run does."""

    plan: Key
    inputs: dict[str, Any] = Field(default_factory=dict)


class End(Part):
    """The run ends here: what still waits is cancelled, what is under way is stopped."""

    outcome: Literal["done", "failed"] = "done"


class Evidence(Part):
    """What proves a step: a note, a file, a hash."""

    note: bool = False
    file: bool = False
    hash: bool = False


class Step(Part):
    """One step. `id` is a name, so that expressions can spell it; which kind-specific part it has follows `kind`.

    It unlocks when `needs` are met: with `join: all` each of them ended well or was skipped, with `any` one did. A step
    whose `when` is false is skipped, and steps that need only skipped ones are skipped with them unless `join: any`
    still has a living one. Retry, timeout and undo belong to automations; `due` counts from unlocking.
    """

    id: Name
    kind: Kind
    title: Line
    role: Key | None = None
    lane: Key | None = None
    needs: tuple[Name, ...] = ()
    join: Literal["all", "any"] = "all"
    when: Expression | None = None
    instructions: Prose = ""
    due: Duration | None = None
    must: bool = False
    evidence: Evidence = Evidence()
    point_of_no_return: bool = False
    destructive: bool = False
    urgency: Literal["high", "low"] = "high"
    retry: Retry = Retry()
    timeout: Duration = 600
    undo: Call | None = None
    call: Call | None = None
    targets: FanOut | None = None
    expect: Expression | None = None
    lines: tuple[PauseLine, ...] = ()
    approval: Approval | None = None
    page: PageOrder | None = None
    update: Update | None = None
    wait: Wait | None = None
    decision: Decision | None = None
    sub_plan: SubPlan | None = None
    end: End | None = None
    on_failure: Literal["stop", "ask", "continue"] = "ask"


class Document(Part):
    """A whole plan. The order of `steps` is the order on paper; the order of work follows `needs`."""

    format: Literal["muster-plan/1"] = FORMAT
    key: Key
    title: Line
    scenario: Prose
    activation: tuple[Line, ...] = ()
    suggested_for: Matching = Matching()
    started_for: Matching = Matching()
    on_failure: Failure | None = None
    mode: Mode = Mode.READ_DO
    owner: Line
    review_by: date
    roles: dict[Key, PlanRole]
    inputs: dict[Name, Input] = Field(default_factory=dict)
    lanes: dict[Key, Lane] = Field(default_factory=dict)
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=1_000)]
