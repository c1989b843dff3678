"""What a policy will do, in words that somebody reads before saving it; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from notifications.rules.frozen_policy import FrozenPolicy, FrozenTarget


@dataclass(frozen=True, kw_only=True)
class Said:
    """One step in words: `after_s` seconds from the start, whom it calls."""

    after_s: int
    sentence: str


def steps_of(policy: FrozenPolicy, *, who: Callable[[FrozenTarget], str]) -> list[Said]:
    """Return the first round as sentences; `who` names a target as it would be reached now."""
    said = []
    after_s = 0
    for place, level in enumerate(policy.levels):
        names = listed([who(target) for target in level.targets]) or _("nobody")
        if place == 0:
            sentence = _("At once: {names}.").format(names=names)
        else:
            sentence = _("After {time}: {names}.").format(time=minutes(after_s), names=names)
        said.append(Said(after_s=after_s, sentence=sentence))
        after_s += level.delay_s
    return said


def ending_of(policy: FrozenPolicy) -> list[str]:
    """Return what follows the first round, what ends it, and what happens when whoever has it is silent."""
    round_s = sum(level.delay_s for level in policy.levels)
    said = [_enough(policy.required_acknowledgements)]
    if policy.rounds > 1:
        said.append(
            _("Otherwise it all starts again after {time}, {rounds} rounds in all.").format(
                time=minutes(round_s), rounds=policy.rounds
            )
        )
    said.append(
        _("If nobody has answered after {time}, everybody in it and the administrators are called.").format(
            time=minutes(round_s * policy.rounds)
        )
    )
    if policy.remind_after_s is not None:
        said.append(_("Who has it is reminded after {time} of silence.").format(time=minutes(policy.remind_after_s)))
        if policy.repage_after_s is not None:
            said.append(_("{time} later the page starts again.").format(time=minutes(policy.repage_after_s)))
    return said


def _enough(required: int) -> str:
    if required == 1:
        return _("It stops as soon as one of them acknowledges.")
    return _("It stops as soon as {count} of them have acknowledged.").format(count=required)


def minutes(seconds: int) -> str:
    """Return a delay as people say it: "30 s", "5 min", "1 h 30 min"."""
    hours, rest = divmod(seconds, 3600)
    parts = [(hours, "h"), (rest // 60, "min"), (rest % 60, "s")]
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 s"


def listed(names: list[str]) -> str:
    """Return names as a person lists them; "" for none."""
    if len(names) < 2:
        return "".join(names)
    return _("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])
