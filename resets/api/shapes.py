"""Resets as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from web.api import Schema, Window
from web.api.fields import Given, Moment, Name, Text

StateAsked = Literal["", "open", "draft", "frozen", "running", "paused", "done", "aborted"]
PhaseName = Literal["seal", "disable", "lock", "rotate", "revoke", "enable"]


class ResetsAsked(Window):
    """Which resets: in a state (`open`: not over yet), drills or not, of a run of a plan (its id)."""

    state: StateAsked = ""
    run: Name = ""
    drill: bool | None = None


class SelectionIn(Given):
    """Which accounts of the systems: a list narrows down, an empty one narrows nothing. `canary`: logins that go
    first."""

    hosts: Annotated[list[Name], Field(max_length=10_000)] = Field(default_factory=list)
    groups: Annotated[list[Name], Field(max_length=1_000)] = Field(default_factory=list)
    plans: Annotated[list[Name], Field(max_length=1_000)] = Field(default_factory=list)
    logins: Annotated[list[Name], Field(max_length=100_000)] = Field(default_factory=list)
    canary: Annotated[list[Name], Field(max_length=10_000)] = Field(default_factory=list)


class LimitIn(Given):
    """How much may fail before it holds: a number of accounts, a percentage, or both."""

    failures: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    percent: Annotated[float, Field(ge=0, le=100)] | None = None


class LimitsIn(Given):
    """For each wave, and for the whole phase."""

    wave: LimitIn = Field(default_factory=LimitIn)
    total: LimitIn = Field(default_factory=LimitIn)


class ResetIn(Given):
    """What a reset covers. `systems` by key; passwords set before `cutoff` count as stolen.

    `mode`: `self_set` locks, `scramble` rotates to secrets that nobody knows. `seal_key`: an X25519 public key in
    Base64, to which old hashes are sealed. `rate`: accounts a second over all hosts.
    """

    title: Name
    cutoff: Moment
    systems: Annotated[list[Name], Field(min_length=1, max_length=200)]
    selection: SelectionIn = Field(default_factory=SelectionIn)
    mode: Literal["self_set", "scramble"] = "self_set"
    limits: LimitsIn = Field(default_factory=LimitsIn)
    rate: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    seal_key: Name = ""
    drill: bool = False


class WhyIn(Given):
    """Why."""

    reason: Annotated[Text, Field(min_length=1, max_length=400)]


class ReleaseIn(Given):
    """A phase, through a wave: 0 the canary, 1 a hundred, 2 one percent, 3 ten percent, 4 the rest."""

    phase: PhaseName
    through: Annotated[int, Field(ge=0, le=4)] = 0


class WaveIn(Given):
    """A wave of a phase."""

    phase: PhaseName
    wave: Annotated[int, Field(ge=0, le=4)]


class RetryIn(Given):
    """A phase, and the cause; without one all that failed in it."""

    phase: PhaseName
    cause: Name | None = None


class ExceptionsAsked(Window):
    """Accounts of a phase, of a cause, in a state (retry, failed, skipped, mended)."""

    phase: Literal["", "seal", "disable", "lock", "rotate", "revoke", "enable"] = ""
    cause: Name = ""
    state: Literal["", "retry", "failed", "skipped", "mended"] = ""


class NoticeBouncesIn(Given):
    """Mail addresses that your mail server got back as gone."""

    addresses: Annotated[list[Name], Field(max_length=10_000)]


class NoticeBouncedOut(Schema):
    """How many letters of customer notices were marked."""

    marked: int


class CountsOut(Schema):
    """Accounts. applied + unchanged + skipped + missed + left = accounts."""

    accounts: int
    applied: int
    unchanged: int
    skipped: int
    missed: int
    left: int


class WaveOut(Schema):
    """A wave. `wanted`: somebody asked for it; `gate`: shut while a second person's word is missing."""

    number: int
    state: str
    wanted: bool
    gate: Literal["shut", "open"]
    counts: CountsOut


class HostOut(Schema):
    """A host of a system; `trouble` is its last one while it is away or busy."""

    system: str
    host: str
    away: bool
    asked_again_at: datetime | None
    trouble: str
    counts: CountsOut


class CauseOut(Schema):
    """Accounts that failed for one cause; `again`: how many of them are tried again by themselves."""

    cause: str
    accounts: int
    again: int
    sentence: str


class PhaseOut(Schema):
    """How far a phase is. `rate_per_s` over the last minute, `eta_s` null while nothing moves."""

    phase: str
    state: str
    held_because: str
    started_at: datetime | None
    ended_at: datetime | None
    rate_per_s: float
    eta_s: float | None
    counts: CountsOut
    waves: list[WaveOut]
    systems: dict[str, CountsOut]
    hosts: list[HostOut]
    causes: list[CauseOut]


class ResetOut(Schema):
    """A reset. `digest` is over system, host and login of every account in scope; `trouble` says why it stands."""

    id: str
    title: str
    state: str
    mode: str
    drill: bool
    run_id: str | None
    cutoff: datetime
    systems: list[str]
    accounts: int
    digest: str
    created_by: str
    created_at: datetime
    frozen_at: datetime | None
    ended_at: datetime | None
    trouble: str


class SharedOut(Schema):
    """A system that both cover; `hosts` is null where one of them is not frozen yet and takes whatever there are."""

    system: str
    hosts: list[str] | None


class OverlapOut(Schema):
    """Another reset of the same hosts that is under way or ended less than a day ago; `reset_id` is null for one that
    you may not see."""

    reset_id: str | None
    state: str
    ended_at: datetime | None
    shared: list[SharedOut]
    sentence: str


class FullResetOut(ResetOut):
    """A reset with its phases in the order of their beginning; `returned`: owners who set a password of their own.

    `overlaps` is empty for one that is over.
    """

    overlaps: list[OverlapOut]
    selection: dict[str, Any]
    left_alone: int
    returned: int
    phases: list[PhaseOut]


class ExceptionOut(Schema):
    """An account that went another way than its chunk."""

    id: int
    phase: str
    system: str
    host: str
    login: str
    wave: int
    state: str
    cause: str
    sentence: str
    tries: int
    at: datetime


class KeptOut(Schema):
    """A report that was kept."""

    fingerprint: str
    outcomes_sha256: str
    made_by: str
    made_at: datetime


class ReportOut(Schema):
    """The facts as they are now and their SHA-256; `kept` is the report that was kept last."""

    facts: dict[str, Any]
    fingerprint: str
    kept: KeptOut | None
