"""Which work on an account comes before which, wave by wave; pure.

Disabling is the quick act of safety and comes first; what replaces the password comes before open sessions end, or they
would sign in again; nothing is enabled whose password is still the stolen one (`docs/resets.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PHASES: Final = ("seal", "disable", "lock", "rotate", "revoke", "verify", "enable")
TAKE_BACK: Final = "take_back"
"""Enabling again what was disabled for a false alarm, with the passwords that nobody replaced."""
REPLACES: Final[Mapping[str, str]] = {"self_set": "lock", "scramble": "rotate"}
"""By the reset's mode, what takes the old password away."""


def needed_before(phase: str, *, mode: str, seals: bool) -> tuple[str, ...]:
    """Return the phases that must have come through a wave before `phase` may begin there.

    `seals`: old hashes are to be sealed, which is over once they were replaced.
    """
    replaces = REPLACES[mode]
    match phase:
        case "lock" | "rotate":
            return ("seal", "disable") if seals else ("disable",)
        case "revoke":
            return ("disable", replaces)
        case "verify":
            return (replaces,)
        case "enable":
            return (replaces, "revoke")
        case "take_back":
            return ("disable",)
        case _:
            return ()


def why_not(phase: str, *, through: int, mode: str, seals: bool, done: Mapping[str, int]) -> str:
    """Return the sentence that says why `phase` may not go through wave `through` yet, "" where it may.

    `done`: the last wave that each phase has come through, -1 before the first.
    """
    for before in needed_before(phase, mode=mode, seals=seals):
        reached = done.get(before, -1)
        if reached < through:
            where = "has not begun" if reached < 0 else f"is done through wave {reached} only"
            return f"“{phase}” comes after “{before}”, which {where}; wave {through} was asked for."
    return ""
