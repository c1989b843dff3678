"""Would a page reach this person? Pure; the sentences are for themselves, on their own screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

WAKES_WITHIN_S = 300
"""Who is called with high urgency should hear something that rings within five minutes."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A contact method as this rule sees it: `rings` is a phone call, `answers` takes an acknowledgement.

    `high_delay_s` is after how many seconds the first rule for high urgency uses it, None without such a rule.
    """

    name: str
    channel: str
    usable: bool
    verified: bool
    answers: bool
    rings: bool
    high_delay_s: int | None


@dataclass(frozen=True, kw_only=True)
class Warning:
    """What is wrong: "bad" means that a page would not reach them, "watch" that it hangs by a thread."""

    kind: Literal["bad", "watch"]
    sentence: str


def warnings(ways: Sequence[Way]) -> list[Warning]:
    """Return what to mend, worst first; empty means that this person is reached by two channels and wakes up."""
    return sorted(_found(ways), key=lambda each: each.kind != "bad")


def _found(ways: Sequence[Way]) -> Iterator[Warning]:
    usable = [way for way in ways if way.usable]
    if not usable:
        yield Warning(kind="bad", sentence=_("Nobody can reach you: add a phone number."))
        return
    if not any(way.answers for way in usable):
        yield Warning(kind="bad", sentence=_("You can be told, but you can't answer: add a phone number."))
    unverified = [way.name for way in usable if not way.verified]
    if unverified:
        names = ", ".join(unverified)
        yield Warning(kind="watch", sentence=_("Not verified yet: {names}. Send a code to it.").format(names=names))
    used = [way for way in usable if way.high_delay_s is not None]
    if not used:
        yield Warning(
            kind="watch",
            sentence=_("No rule for high urgency: everything you have would be used at once. Add rules below."),
        )
        return
    if len({way.channel for way in used}) < 2:
        yield Warning(kind="watch", sentence=_("Only one way is used for high urgency. Add a second one."))
    if not any(way.rings and (way.high_delay_s or 0) <= WAKES_WITHIN_S for way in used):
        yield Warning(kind="watch", sentence=_("Nothing rings within five minutes: you may sleep through a page."))
