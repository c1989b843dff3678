"""Who may approve, and what the answers come to; pure.

N distinct people of the named roles must say yes. Who started the run and all who gave its inputs are excluded, even
an administrator. Whoever votes names exactly what they saw: by its digest. A destructive approval needs a second
factor. Any no ends it, and so does its time: silence is a no.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is asked for, and whom it excludes (ids of people). `eligible` are the ids of those who hold a role."""

    count: int
    eligible: Collection[str]
    excluded: Collection[str]
    destructive: bool
    expires_at: datetime | None
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A vote that somebody gave before."""

    person: str
    approves: bool


def why_not(
    asked: Asked, *, person: str, digest: str, second_factor: bool, before: Sequence[Given], now: datetime
) -> str:
    """Return the sentence that refuses a vote, "" when it counts."""
    checks = (
        (asked.expires_at is not None and now >= asked.expires_at, "This approval has expired, which counts as a no."),
        (
            person in asked.excluded,
            "You started this run or gave its inputs, so somebody else has to approve it.",
        ),
        (person not in asked.eligible, "You hold none of the roles that may approve this."),
        (any(given.person == person for given in before), "You have answered this already; each person counts once."),
        (
            digest != asked.digest,
            "What is to be approved has changed since you saw it. Look at it again, then decide.",
        ),
        (
            asked.destructive and not second_factor,
            "This can't be undone, so it needs your second factor. Confirm it, then approve.",
        ),
    )
    return next((sentence for refused, sentence in checks if refused), "")


def verdict(asked: Asked, given: Sequence[Given], *, now: datetime) -> Literal["open", "approved", "denied", "expired"]:
    """Return what the votes come to at `now`."""
    if any(not each.approves for each in given):
        return "denied"
    if len({each.person for each in given if each.approves}) >= asked.count:
        return "approved"
    if asked.expires_at is not None and now >= asked.expires_at:
        return "expired"
    return "open"
