"""How fast mails go out: a rate that warms up, and a share for each mail domain; pure.

Receivers' servers throttle or refuse a sender that is suddenly loud: it starts low and doubles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

BURST_S: Final = 2.0
"""What was not used is kept for so long: looks at what is due are a second apart."""
TOLERANCE: Final = timedelta(seconds=1)
"""A domain may be ahead of its share by a second's worth."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Mails per second: from `start`, doubled every `double_every_s`, up to `most`; `domain` for one mail domain."""

    start: float = 10.0
    most: float = 50.0
    double_every_s: int = 1800
    domain: float = 20.0


def rate_at(rates: Rates, *, warm_s: float) -> float:
    """Return the rate after so many seconds of sending."""
    doublings = max(0.0, warm_s) // rates.double_every_s
    # Beyond 2^30 the limit holds anyway, and floats end somewhere.
    return min(rates.most, rates.start * float(2 ** int(min(doublings, 30.0))))


def tokens_at(tokens: float, *, elapsed_s: float, rate: float) -> float:
    """Return how many mails may go now, where `tokens` were left `elapsed_s` ago."""
    return min(max(rate * BURST_S, 1.0), tokens + max(0.0, elapsed_s) * rate)


def left_s(letters: int, rates: Rates, *, warm_s: float) -> float:
    """Return how many seconds `letters` take from now on, warming up included; domains' shares are not."""
    seconds, rest = 0.0, float(letters)
    warm = max(0.0, warm_s)
    while rest > 0:
        rate = rate_at(rates, warm_s=warm)
        until = rates.double_every_s - math.fmod(warm, rates.double_every_s)
        if rate >= rates.most or rest <= rate * until:
            return seconds + rest / rate
        seconds, warm, rest = seconds + until, warm + until, rest - rate * until
    return seconds


@dataclass(kw_only=True)
class Share:
    """What one domain has used: `paced_until` runs ahead of the clock by what was sent, `booked_until` by what was put
    off (a virtual schedule, as in ITU-T I.371's rate algorithm)."""

    paced_until: datetime
    booked_until: datetime

    def take(self, *, now: datetime, rate: float) -> datetime | None:
        """Take one mail's place: None when it may go now, else when to come back."""
        step = timedelta(seconds=1.0 / rate)
        if self.paced_until <= now + TOLERANCE:
            self.paced_until = max(self.paced_until, now) + step
            return None
        self.booked_until = max(self.booked_until, self.paced_until) + step
        return self.booked_until
