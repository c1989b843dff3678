"""What the endpoint answers: read strictly, because counts are made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

Login = Annotated[str, StringConstraints(min_length=1, max_length=254)]


class Shape(BaseModel):
    """Unknown keys are let through: an endpoint may tell more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FoundAccount(Shape):
    """An account in scope."""

    login: Login
    shard: Annotated[str, StringConstraints(max_length=253)] = ""
    set_at: AwareDatetime | None = None
    email: Annotated[str, StringConstraints(max_length=254)] = ""
    email_changed_at: AwareDatetime | None = None
    language: Annotated[str, StringConstraints(max_length=5)] = ""
    customer: Annotated[str, StringConstraints(max_length=40)] = ""


class Page(Shape):
    """Accounts, and where to go on; "" at the end."""

    accounts: tuple[FoundAccount, ...]
    cursor: str = ""


class Result(Shape):
    """What became of one account."""

    login: Login
    outcome: Literal["applied", "unchanged", "skipped", "missed"]
    code: Annotated[str, StringConstraints(max_length=60)] = "refused"
    sentence: str = ""
    passing: bool = False


class Results(Shape):
    """What became of each account of a call."""

    results: tuple[Result, ...]


class OldHash(Shape):
    """An old hash, to be sealed."""

    login: Login
    hash: str


class OldHashes(Shape):
    """Old hashes of those that are there."""

    hashes: tuple[OldHash, ...]


class Tried(Shape):
    """What a tried sign-in showed; `holds` none: it could not be tried."""

    login: Login
    what: Literal["old_refused", "state_effective", "session_gone"]
    holds: bool | None
    sentence: Annotated[str, StringConstraints(min_length=1)]


class Checks(Shape):
    """What tried sign-ins showed."""

    checks: tuple[Tried, ...]


class Right(Shape):
    """A right that will be needed."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    granted: bool
    sentence: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    needed: bool = True


class Rights(Shape):
    """The rights that the endpoint has where it works."""

    rights: tuple[Right, ...]


def told(moment: datetime) -> str:
    """Return a time as calls tell it: ISO 8601 with its offset."""
    return moment.isoformat()
