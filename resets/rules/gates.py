"""Which wave of a phase may open now; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CANARY: Final = 0
LAST: Final = 4
ALL_AT_ONCE: Final = frozenset({"disable"})
"""Phases that need no more caution once the canary is through: speed is their safety."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a wave stands. `left`: chunks not done; `stuck`: those of them on a host that does not answer; `passed`:
    chunks that were done. `approved`: its gate is not shut."""

    number: int
    wanted: bool
    approved: bool
    is_open: bool
    is_done: bool
    left: int = 0
    stuck: int = 0
    passed: int = 0


def holds_back(wave: Standing) -> bool:
    """Tell whether later waves wait for this one.

    A host that is away holds its own accounts and not the run: a wave of which only such are left, and of which others
    came through, holds nobody back.
    """
    if wave.is_done:
        return False
    return not (wave.is_open and wave.passed > 0 and wave.left == wave.stuck)


def may_open(waves: Sequence[Standing], *, phase: str) -> list[int]:
    """Return the numbers of the waves that are to open now; `waves` in their order.

    One after the other, each when nothing before it holds it back, it is wanted and its gate is not shut. The canary
    has no gate.
    """
    opening: list[int] = []
    for wave in waves:
        if not (wave.is_open or wave.is_done):
            if not wave.wanted or not (wave.approved or wave.number == CANARY):
                break
            opening.append(wave.number)
        cautious = phase not in ALL_AT_ONCE or wave.number == CANARY
        if wave.number in opening and cautious:
            break
        if cautious and holds_back(wave):
            break
    return opening
