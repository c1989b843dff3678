"""The number that guards each write: `generation * 128 + marks`, a bit for each operation the account has had.

One column so guards all operations of all resets: a smaller generation never undoes a larger one, and doing an
operation again finds its own bit. Bits rather than an order of operations, because "retry these" may lock after others
were revoked, and must find that it has not locked yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from resets.backends.base import Guard, Miss

ROOM: Final = 128
DISABLED: Final = 1
LOCKED: Final = 2
ROTATED: Final = 4
REVOKED: Final = 8
ENABLED: Final = 16
"""`enable` has come by, also where there was nothing to lift: a disable that comes late finds it."""
OWNED: Final = 32
"""Its owner has chosen a password through this reset."""
SUSPENDED: Final = 64
"""It was kept out before this reset came; so `enable` leaves it kept out."""

Operation = Literal["disable", "lock", "rotate", "revoke", "enable"]
OWN: Final[Mapping[Operation, int]] = {
    "disable": DISABLED, "lock": LOCKED, "rotate": ROTATED, "revoke": REVOKED, "enable": ENABLED,
}  # fmt: skip
BARRED: Final[Mapping[Operation, int]] = {
    "disable": DISABLED | ENABLED | OWNED, "lock": LOCKED | OWNED, "rotate": ROTATED | OWNED,
    "revoke": REVOKED | OWNED, "enable": ENABLED,
}  # fmt: skip
"""The marks with which there is nothing left to do for an operation."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account shows: its guard number (None: there is no such column) and whether its password was set after
    the cutoff."""

    number: int | None
    set_since: bool


def floor_of(guard: Guard) -> int:
    """Return the smallest number of this generation; the next generation's is `ROOM` more."""
    return guard.generation * ROOM


def marks_of(number: int | None, guard: Guard) -> int:
    """Return the marks an account got in this generation, 0 for one that this reset has not touched."""
    marks = (number or 0) - floor_of(guard)
    return marks if 0 <= marks < ROOM else 0


def why_left(login: str, operation: Operation, standing: Standing, guard: Guard) -> Miss | Literal["kept", "skipped"]:
    """Return what an account that an operation left alone counts as; one that it changed is "kept"."""
    marks = marks_of(standing.number, guard)
    if standing.number is None:
        # Without a guard the state alone tells; `enable` has looked at the flag, whoever set a password.
        return "skipped" if standing.set_since and operation != "enable" else "kept"
    if standing.number >= floor_of(guard) + ROOM:
        return "kept"  # a later reset's by now
    if marks & OWN[operation]:
        lifted_nothing = operation == "enable" and not marks & (DISABLED | OWNED)
        return "skipped" if lifted_nothing and standing.set_since else "kept"
    if marks & OWNED or standing.set_since:
        return "skipped"
    if operation == "disable" and marks & ENABLED:
        return Miss(login, "enabled_since", "It was enabled before it could be disabled; it is left as it is.")
    return Miss(login, "changed_meanwhile", "It was changed at the same moment; try again.", passing=True)
