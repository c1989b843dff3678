"""What a completion report says, as plain facts that JSON holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from resets.proof.seen import Seen


@dataclass(frozen=True, kw_only=True)
class SystemFacts:
    """A system's part: accounts in scope, and how many of them their owners have set since."""

    key: str
    name: str
    kind: str
    accounts: int
    hosts: int
    returned: int


@dataclass(frozen=True, kw_only=True)
class PhaseFacts:
    """A phase in figures; times in UTC, `seconds` from its begin to its end. `left`: accounts that nobody has come to.

    applied + unchanged + skipped + missed + left = accounts.
    """

    name: str
    title: str
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    seconds: int | None
    accounts: int
    applied: int
    unchanged: int
    skipped: int
    missed: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Accounts that were missed or skipped, by phase and cause."""

    phase: str
    code: str
    state: str
    accounts: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Spared:
    """An account that was left alone."""

    system: str
    login: str
    reason: str
    added_by: str
    approved_by: str


@dataclass(frozen=True, kw_only=True)
class NoticeFacts:
    """One round of telling customers: letters by state, and who wrote and approved what they say."""

    round: int
    state: str
    letters: dict[str, int]
    drafted_by: str
    approved_by: str


@dataclass(frozen=True, kw_only=True)
class SealFacts:
    """What was sealed and what became of it."""

    boxes: int
    accounts: int
    asked_by: str
    destroyed_by: str
    destroyed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it. `head` and `head_seq` are where the reset's chain in the ledger stood."""

    title: str
    reset: str
    state: str
    mode: str
    drill: bool
    cutoff: datetime
    generation: int
    created_by: str
    created_at: datetime
    frozen_at: datetime | None
    ended_at: datetime | None
    accounts: int
    digest: str
    waves: tuple[int, ...]
    systems: tuple[SystemFacts, ...]
    exclusions: tuple[Spared, ...]
    phases: tuple[PhaseFacts, ...]
    causes: tuple[Cause, ...]
    looks: tuple[Seen, ...]
    notices: tuple[NoticeFacts, ...]
    returned: int
    stragglers: int
    seals: SealFacts | None
    exports: tuple[dict[str, Any], ...]
    head_seq: int
    head: str

    def plain(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=_written))
        return found

    def fingerprint(self) -> str:
        """Return the SHA-256 of the facts as canonical JSON, which the ledger records."""
        text = json.dumps(self.plain(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
