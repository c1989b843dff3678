"""When a fan-out stops by itself: the one rule, in one place; pure.

A fan-out stops when its failures are MORE than the limit. A limit of p percent of n hosts allows floor(p * n / 100)
failures: "10 %" of 50 stops at the 6th, "10 %" of 9 at the first. Where both a count and a percentage are given, each
of them stops. Without either, in the wave as in total, nothing stops it but the canary. An unknown outcome counts as a
failure. In the canary any failure stops. A limit holds for the wave (of the wave's hosts) or for the whole (of all
hosts). What is under way when it is reached ends by itself, so at most `concurrency - 1` more can fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

CANARY = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """How many may fail: a count, a percentage, both, or no limit."""

    failures: int | None = None
    percent: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many hosts there are, and how many of them failed or ended unknown."""

    hosts: int
    failed: int


def allowed(limit: Limit, hosts: int) -> int | None:
    """Return how many failures a limit allows among `hosts`, None for any number."""
    counts = []
    if limit.failures is not None:
        counts.append(limit.failures)
    if limit.percent is not None:
        # From its written form: 0.1 as a binary number is a little more than a tenth.
        counts.append(floor(Fraction(str(limit.percent)) * hosts / 100))
    return min(counts) if counts else None


def exceeded(limit: Limit, tally: Tally) -> bool:
    """Tell whether more failed than the limit allows."""
    most = allowed(limit, tally.hosts)
    return most is not None and tally.failed > most


def why_stop(*, wave: int, in_wave: Tally, in_all: Tally, wave_limit: Limit, total_limit: Limit) -> str:
    """Return the sentence that says why the fan-out stops, "" while it goes on."""
    if wave == CANARY and in_wave.failed:
        return f"{in_wave.failed} of {in_wave.hosts} failed in the canary; there any failure stops."
    if exceeded(wave_limit, in_wave):
        most = allowed(wave_limit, in_wave.hosts)
        return f"{in_wave.failed} of {in_wave.hosts} failed in wave {wave}; {most} were allowed there."
    if exceeded(total_limit, in_all):
        most = allowed(total_limit, in_all.hosts)
        return f"{in_all.failed} of {in_all.hosts} failed in all; {most} were allowed."
    return ""
