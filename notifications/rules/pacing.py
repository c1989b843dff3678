"""Who waits for whom where a provider takes only so many messages a second; pure.

The order is always severity, then age: who is first in the queue gets the next turn of any provider in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

LONGEST_WAIT_S: Final = 30.0
"""Nobody whom an urgent message is for waits longer without another provider or another way being taken."""
AT_ONCE_S: Final = 1.0
"""A provider that was idle takes at most so many seconds' worth of messages in one moment."""
SKEW_S: Final = 1.0
"""So far apart are the moments of two processes that read the same clock."""


def turns(*, per_s: float, free_at: datetime | None, now: datetime) -> int:
    """Return how many messages may start now at `per_s` a second; `free_at` is when the next one may."""
    if free_at is None or _is_of_another_clock(free_at, per_s=per_s, now=now):
        return max(1, int(per_s * AT_ONCE_S))
    began = max(free_at, _earliest(per_s=per_s, now=now))
    if began > now:
        return 0
    return 1 + int((now - began).total_seconds() * per_s)


def wait_s(*, per_s: float | None, free_at: datetime | None, now: datetime) -> float:
    """Return in how many seconds the next message may start; `per_s` None: no limit."""
    if per_s is None or free_at is None or _is_of_another_clock(free_at, per_s=per_s, now=now):
        return 0.0
    return max(0.0, (free_at - now).total_seconds())


def next_turn(*, per_s: float, free_at: datetime | None, taken: int, now: datetime) -> datetime:
    """Return when the next message may start after `taken` of the present turns were used."""
    began = _earliest(per_s=per_s, now=now)
    if free_at is not None and not _is_of_another_clock(free_at, per_s=per_s, now=now):
        began = max(free_at, began)
    return began + timedelta(seconds=taken / per_s)


def _is_of_another_clock(free_at: datetime, *, per_s: float, now: datetime) -> bool:
    """Tell whether a turn lies further ahead than any is given: the clock was set back, and nobody waits for that."""
    return free_at > now + timedelta(seconds=1 / per_s + SKEW_S)


def _earliest(*, per_s: float, now: datetime) -> datetime:
    spare_s = max(0.0, AT_ONCE_S - 1 / per_s)
    return now - timedelta(seconds=spare_s)


def expected_waits(waited_s: Sequence[float], *, per_s: float) -> list[float]:
    """Return for each waiting message, first in the queue first, how long it will have waited when its turn comes.

    `waited_s` is how long each has been due; `per_s` what all providers in use take together (infinite: no limit).
    """
    if per_s == float("inf"):
        return list(waited_s)
    return [waited + number / per_s for number, waited in enumerate(waited_s)]


def providers_needed(waited_s: Sequence[float], *, rates: Sequence[float | None]) -> int:
    """Return how many providers, from the first on, are used so that nobody waits longer than `LONGEST_WAIT_S`.

    `rates` in messages a second, None for no limit, at least one. All of them where even that is not enough.
    """
    together = 0.0
    for number, rate in enumerate(rates, start=1):
        together += float("inf") if rate is None else rate
        if max(expected_waits(waited_s, per_s=together), default=0.0) <= LONGEST_WAIT_S:
            return number
    return len(rates)


def overdue(waited_s: Sequence[float], *, rates: Sequence[float | None]) -> list[int]:
    """Return the places in the queue of those who would wait longer than `LONGEST_WAIT_S` with all providers in use."""
    together = sum(float("inf") if rate is None else rate for rate in rates)
    waits = expected_waits(waited_s, per_s=together)
    return [place for place, wait in enumerate(waits) if wait > LONGEST_WAIT_S]
