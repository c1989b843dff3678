"""Incidents, musters, services and the readiness report as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from incidents.rules.numbers import severity_number
from incidents.rules.role_names import role_named
from people.api_shapes import PersonRef
from web.api import Schema, Window
from web.api.fields import Given, Name, Text

StatusAsked = Literal[
    "", "open", "triage", "investigating", "identified", "monitoring", "resolved", "closed", "declined", "merged"
]


def _severity(given: Any) -> int:
    text = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
    number = severity_number(text)
    if number is None:
        raise PydanticCustomError("severity", "Choose SEV1 (worst) to SEV4.")
    return number


Severity = Annotated[
    int,
    BeforeValidator(_severity),
    WithJsonSchema({"type": "string", "enum": ["SEV1", "SEV2", "SEV3", "SEV4"], "description": "SEV1 is worst."}),
]
"""Taken as "SEV1", "sev1", "1" or 1."""


class IncidentsAsked(Window):
    """Which incidents: in a status (`open`: not yet ended), of a severity."""

    status: StatusAsked = ""
    severity: Annotated[Severity | None, BeforeValidator(lambda given: given or None)] = None


class DeclareIn(Given):
    """What is wrong; everything but the title has a good default. `service` is a key or an id."""

    title: Text
    severity: Severity | None = None
    type: Name | None = None
    summary: Text | None = None
    service: Name | None = None
    private: bool | None = None


class StatusIn(Given):
    """The status that it takes, and why."""

    status: Name
    note: Text = ""


class SeverityIn(Given):
    """The severity that it takes, and why."""

    severity: Severity
    reason: Text = ""


class RoleIn(Given):
    """Who takes a role: an id or e-mail address; null leaves the role empty. A role's full name is understood too."""

    role: Annotated[Name, AfterValidator(role_named)]
    person: Name | None


class NoteIn(Given):
    """What you found or did."""

    text: Text


class RespondersIn(Given):
    """Who is called: ids or e-mail addresses."""

    people: Annotated[list[Name], Field(max_length=100)]


class MergeIn(Given):
    """The incident (id or number) that takes this one in."""

    into: Name
    reason: Text = ""


class EndIn(Given):
    """Why. `note` and `reason` mean the same."""

    note: Text = ""
    reason: Text = ""

    @property
    def why(self) -> str:
        """Return what was written."""
        return self.note or self.reason


class RoleOut(Schema):
    """Who holds a role, since when."""

    role: str
    person: PersonRef
    since: datetime


class IncidentOut(Schema):
    """An incident. `service` is its key; `declared_by` is null when a rule opened it."""

    id: str
    number: int
    title: str
    summary: str
    status: str
    severity: str
    type: str
    service: str | None
    private: bool
    muster_state: str
    roles: list[RoleOut]
    declared_by: PersonRef | None
    declared_via: str
    alert_count: int
    merged_into: str | None
    suggestion: str
    trouble: str
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    version: int


class LineOut(Schema):
    """One line of the timeline: `sentence` is what was done, `text` what a person wrote; `seq` is the cursor."""

    seq: int
    at: datetime
    verb: str
    sentence: str
    text: str
    who: str
    via: str


class SeatOut(Schema):
    """One person in the roll-call of a tier."""

    person: PersonRef
    state: str
    called_at: datetime | None
    confirmed_at: datetime | None
    via: str
    stands_in_for: PersonRef | None


class TierOut(Schema):
    """One tier that must be reached."""

    name: str
    quorum: int
    deadline: datetime
    state: str
    completed_at: datetime | None
    page_id: str | None
    people: list[SeatOut]


class MusterOut(Schema):
    """The roll-call. `time_to_muster_s` is null until it is complete; without leaders to call `state` is `none`."""

    state: str
    started_at: datetime | None
    completed_at: datetime | None
    time_to_muster_s: float | None
    tiers: list[TierOut]


class ServiceOut(Schema):
    """What the company runs; `policy` and `team` by name."""

    id: str
    key: str
    name: str
    description: str
    policy: str | None
    team: str | None


class FindingOut(Schema):
    """What would go wrong and what to do. `subject` names the row that mends it."""

    check: str
    grade: str
    sentence: str
    todo: str
    subject: str
    name: str


class ReadinessOut(Schema):
    """What would go wrong at the next incident, worst first."""

    at: datetime
    ready: bool
    broken: int
    weak: int
    findings: list[FindingOut]
