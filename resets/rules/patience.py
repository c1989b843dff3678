"""When something that failed is tried again, and when a host is left in peace; pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

MOST_TRIES: Final = 8
"""A chunk or an account that failed so often for passing reasons is given up; a person may have it retried."""
OPENS_AT: Final = 3
"""So many failures in a row open a host's breaker."""
FIRST_PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 60.0
STEADY_S: Final = 5.0
"""A chunk holds no more accounts than a host or reset at its rate takes in so many seconds."""
ROTATED_TOGETHER: Final = 250


def pause(failures: int) -> timedelta:
    """Return how long to wait after `failures` (at least 1) in a row: 2 s, doubling to a minute."""
    return timedelta(seconds=min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10)))


def is_open(failures: int) -> bool:
    """Tell whether so many failures in a row make a host one that is away: one chunk at a time probes it."""
    return failures >= OPENS_AT


def chunk_size(*, backend: int, host_rate: int | None, reset_rate: int | None, phase: str) -> int:
    """Return how many accounts one chunk holds, at least 1; rates in accounts per second.

    Hashes take milliseconds each: a smaller chunk loses less when its worker dies.
    """
    most = min(backend, ROTATED_TOGETHER) if phase == "rotate" else backend
    for rate in (host_rate, reset_rate):
        if rate is not None:
            most = min(most, max(1, int(rate * STEADY_S)))
    return max(1, most)
