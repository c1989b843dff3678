"""Which host belongs to which wave of a fan-out; pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil


def sizes(hosts: int, *, canary: int, waves: Sequence[str]) -> list[int]:
    """Return how many hosts each wave has, the canary first; nothing is left over and none is empty but the canary.

    A wave is a count ("100") or a percentage ("10%") of the hosts beside the canary, rounded up so that it has one at
    least; what the waves leave is the last one. A plan without a canary has 0 as its first size.
    """
    first = min(canary, hosts)
    found, left = [first], hosts - first
    besides = left
    for wave in waves:
        wish = ceil(besides * int(wave[:-1]) / 100) if wave.endswith("%") else int(wave)
        taken = min(left, wish)
        if taken:
            found.append(taken)
            left -= taken
    return [*found, left] if left else found


def wave_of_each(hosts: int, *, canary: int, waves: Sequence[str]) -> list[int]:
    """Return the number of the wave of each host in order; 0 is the canary."""
    return [number for number, size in enumerate(sizes(hosts, canary=canary, waves=waves)) for _ in range(size)]
