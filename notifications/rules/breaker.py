"""When a provider is passed over, and who is tried instead; pure.

A provider that keeps failing costs each message a try and up to five seconds. Its breaker opens, messages go to the
next one, and a single real message tries it again now and then. It never withholds anything: with every breaker open
the best provider is used all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(seconds=60)
LOOKED_AT: Final = 10
"""So many of the newest answers within `WINDOW` count."""
TOO_MANY: Final = 5
PROBE_AFTER: Final = timedelta(seconds=30)
FAILING: Final = frozenset({"temporary", "unknown", "not_found", "no_receipt"})
"""Results of attempts that speak against the provider: a refused number or a busy line does not."""
ANSWERS: Final = FAILING | {"accepted", "permanent", "found"}
"""Results that are a provider's first answer, or the lack of one; what it says later is not looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How one provider of a kind stands: is its breaker open, and when may it be tried again."""

    provider: str
    open: bool = False
    probe_at: datetime | None = None

    def may_probe(self, now: datetime) -> bool:
        """Tell whether one message may try it although its breaker is open."""
        return self.open and (self.probe_at is None or self.probe_at <= now)


def opens(results: Sequence[str], *, configuration: bool) -> bool:
    """Tell whether a provider that just failed is passed over from now on.

    `results` are its newest answers within `WINDOW`, newest first. A wrong configuration does not mend by itself: at
    once; else `TOO_MANY` failures of the last `LOOKED_AT`.
    """
    return configuration or sum(result in FAILING for result in results[:LOOKED_AT]) >= TOO_MANY


def preferred(standings: Sequence[Standing]) -> Standing:
    """Return who gets a message that is due now: the first whose breaker is closed, else the first of all.

    `standings` are in the order in which providers are tried, at least one.
    """
    return next((each for each in standings if not each.open), standings[0])


def due_for_probe(standings: Sequence[Standing], *, now: datetime) -> list[Standing]:
    """Return those that one message may try again now, in order."""
    return [each for each in standings if each.may_probe(now)]


def next_after_failure(standings: Sequence[Standing], *, tries: Mapping[str, int]) -> tuple[str, bool]:
    """Return who gets an urgent message next after a failure, and whether at once.

    `tries` counts this message's tries by provider, the failed one among them. At once: the next one has not been
    tried yet. After each has had its turn, the least tried one is next, after a pause; at equal tries the one whose
    breaker is closed, then the first in order.
    """
    ranked = sorted(enumerate(standings), key=lambda each: (tries.get(each[1].provider, 0), each[1].open, each[0]))
    _, best = ranked[0]
    return best.provider, tries.get(best.provider, 0) == 0
