"""The escalation policy that a tier's page carries; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incidents.rules.roll_call import Call
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy, people_level


def tier_policy(
    call: Call,
    *,
    tier: str,
    quorum: int,
    first_s: int,
    succession_s: int,
    everybody: Sequence[str],
    names: Mapping[str, str],
    rounds: int,
    remind_after_s: int | None,
    repage_after_s: int | None,
) -> FrozenPolicy:
    """Return who is called for a tier: its people, then one successor at a time, then `everybody` (person ids).

    Its people have `first_s` seconds, each successor `succession_s`. `names` has a name for every id.
    """

    def level(people: Sequence[str], *, delay_s: int, until_enough: bool = False) -> FrozenLevel:
        known = [(person, names[person]) for person in people]
        return people_level(known, delay_s=delay_s, until_enough=until_enough)

    levels = [level(call.first, delay_s=first_s)] if call.first else []
    levels += [level([person], delay_s=succession_s, until_enough=True) for person in call.line]
    levels.append(level(everybody, delay_s=succession_s))
    return FrozenPolicy(
        name=f"Muster: {tier}",
        levels=tuple(levels),
        rounds=rounds,
        required_acknowledgements=quorum,
        remind_after_s=remind_after_s,
        repage_after_s=repage_after_s,
    )
