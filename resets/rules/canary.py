"""How many accounts may go first. Pure."""

from __future__ import annotations

from typing import Final

BY_CHANCE: Final = 5
"""Per system without named accounts, but never more than a tenth of its accounts beside the first."""
MOST: Final = 100
"""Named accounts of a system: as many as its next wave. The canary begins without a second person's word, so who could
name all would need nobody's."""


def by_chance(accounts: int) -> int:
    """Return how many accounts of a system go first where nobody named any."""
    return max(1, min(BY_CHANCE, accounts // 10))


def too_many(system: str, named: int) -> str:
    """Return why so many named accounts of a system can't go first; "" where they can."""
    if named <= MOST:
        return ""
    return (
        f"{named:,} accounts of {system} were named to go first, also by one name on several hosts; at most {MOST} may,"
        " because nobody opens a gate for them. Name fewer; nothing was frozen."
    )
