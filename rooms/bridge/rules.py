"""When a bridge is there, when it closes, and how many wrong PINs are too many; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

GRAVE: Final = 2
"""SEV1 and SEV2 have a bridge from the start; for others somebody opens one."""
FINISH: Final = timedelta(minutes=10)
"""Who talks when the incident is resolved may finish; a bridge that closes in mid-sentence is called back by mobile."""
JOINS_WITHIN: Final = timedelta(seconds=60)
"""Who was led into a bridge is heard of within a few seconds; after so long the provider is asked where they are."""
PIN_DIGITS: Final = 6
TRIES_IN: Final = timedelta(minutes=15)
MOST_WRONG_BY_NUMBER: Final = 5
MOST_WRONG: Final = 100
"""Callers' numbers can be made up; so all wrong ones together count too. A million PINs at 400 an hour take months."""


def closing(
    *, incident_open: bool, anybody_on_line: bool, closing_at: datetime | None, now: datetime
) -> datetime | None:
    """Return when the bridge closes: None while the incident is open, at once when nobody talks."""
    if incident_open:
        return None
    if not anybody_on_line:
        return min(closing_at or now, now)
    return closing_at or now + FINISH


def is_guessing(*, wrong: Sequence[tuple[str, datetime]], number: str, is_ours: bool, now: datetime) -> bool:
    """Tell whether PINs from `number` are looked at no more: too many wrong ones lately from there, or in all.

    A number of somebody of ours (`is_ours`) answers for its own wrong ones alone: strangers who guess must not keep
    responders out.
    """
    recent = [of for of, at in wrong if at > now - TRIES_IN]
    return recent.count(number) >= MOST_WRONG_BY_NUMBER or (len(recent) >= MOST_WRONG and not is_ours)
