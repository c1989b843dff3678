"""When to try again; pure."""

from __future__ import annotations

from typing import Final

DELAYS_S: Final = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0)
"""Pause after the first, second, ... failed try. The last one repeats."""
SPREAD: Final = 0.25
"""Jitter: up to this share is added, so that a thousand messages refused together do not come back together."""
LONGEST_S: Final = 600.0
"""A provider that asks for a longer pause is taken at this much: the page's other ways go on meanwhile."""
UNKNOWN_S: Final = 20.0
"""What may have gone out, and nobody can say, goes again after this: its receipt would have come by then."""


def pause_s(*, tries: int, retry_after_s: float | None, chance: float) -> float:
    """Return the seconds to wait after `tries` failed tries (at least 1); `chance` in [0, 1) spreads them.

    A provider's own wish (`Retry-After`) is honoured: the pause is never shorter.
    """
    usual = DELAYS_S[min(max(tries, 1), len(DELAYS_S)) - 1] * (1 + SPREAD * chance)
    wished = 0.0 if retry_after_s is None else max(0.0, retry_after_s)
    return min(max(usual, wished), LONGEST_S)


def may_try_again(*, tries: int, limit: int) -> bool:
    """Tell whether another try is left after `tries`."""
    return tries < limit
