"""Whom the roll-call calls on which tier's page; pure.

One person may sit in several tiers. Two calls to one phone about one incident would tell them nothing and block the
line, so each is called once, for the highest tier; their answer counts in every tier they sit in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Need:
    """One tier that is needed: `members` and `line` (its successors, first one first) are opaque person ids.

    `out`: members who had their time, or said that they can't; they are not called first.
    """

    key: str
    quorum: int
    members: tuple[str, ...]
    line: tuple[str, ...]
    out: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Call:
    """What to do for one tier: whom its page calls first, whether it needs a page now.

    `waits`: its people are being called for another tier, and enough of them; a page starts when that fails.
    """

    key: str
    first: tuple[str, ...]
    line: tuple[str, ...]
    waits: bool
    met: bool


def plan(
    needs: Sequence[Need], *, confirmed: Collection[str], being_called: Collection[str], may_wait: bool = True
) -> list[Call]:
    """Return a `Call` per need, in the given order (highest tier first).

    `confirmed` have answered about this incident; `being_called` are rung by an open page of it right now. Without
    `may_wait` no tier waits for another one's page: its deadline is over.
    """
    taken = set(being_called)
    calls = []
    for need in needs:
        call = _call(need, confirmed=confirmed, taken=taken, may_wait=may_wait)
        taken.update(() if call.met else call.first)
        calls.append(call)
    return calls


def _call(need: Need, *, confirmed: Collection[str], taken: Collection[str], may_wait: bool) -> Call:
    answered = [person for person in need.members if person in confirmed]
    elsewhere = [person for person in need.members if person in taken and person not in confirmed]
    fresh = tuple(person for person in need.members if person not in {*confirmed, *taken, *need.out})
    met = len(answered) >= need.quorum
    waits = may_wait and not met and not fresh and len(answered) + len(elsewhere) >= need.quorum
    line = tuple(dict.fromkeys(person for person in need.line if person not in need.members))
    return Call(key=need.key, first=() if met else fresh, line=line, waits=waits, met=met)
