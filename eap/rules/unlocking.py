"""Which steps come next: the graph and the states in, what unlocks, what is bypassed and whether all is over out; pure.

A need lets a step through when it was done, when a person skipped it, or when it failed and the plan says to go on. It
bypasses when it was left out by its condition. With `join: all` a step waits until each need did one or the other, and
is bypassed itself when none of them let it through. With `join: any` the first need that lets through is enough, and
the step is bypassed when all of them bypass. A failed or unknown step holds up what needs it until a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias

Join: TypeAlias = Literal["all", "any"]


class Stand(Enum):
    """How a step stands, as far as others are concerned."""

    WAITING = "waiting"
    LIVING = "living"
    PASSED = "passed"
    BYPASSED = "bypassed"
    HELD = "held"
    """Failed or unknown: over unless a person decides otherwise."""
    CANCELLED = "cancelled"


OVER: Final = frozenset({Stand.PASSED, Stand.BYPASSED, Stand.CANCELLED})


@dataclass(frozen=True, slots=True)
class Node:
    """A step in the graph. `needs` name steps that exist; there is no cycle."""

    key: str
    needs: tuple[str, ...] = ()
    join: Join = "all"


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What to do now: begin these, leave those out, in the order of the plan."""

    begin: tuple[str, ...] = ()
    bypass: tuple[str, ...] = ()


def met(node: Node, stands: Mapping[str, Stand]) -> Literal["yes", "not yet", "bypassed"]:
    """Tell whether a step's needs are met."""
    if not node.needs:
        return "yes"
    needs = [stands[key] for key in node.needs]
    if node.join == "any" and Stand.PASSED in needs:
        return "yes"
    if all(stand is Stand.BYPASSED for stand in needs):
        return "bypassed"
    if node.join == "all" and all(stand in (Stand.PASSED, Stand.BYPASSED) for stand in needs):
        return "yes"
    return "not yet"


def unlock(nodes: Sequence[Node], stands: Mapping[str, Stand], *, wanted: Callable[[str], bool]) -> Unlocked:
    """Return which waiting steps begin and which are bypassed, all at once: a bypassed one bypasses others in turn.

    `wanted` is asked for each step whose needs are met: whether its condition holds. It is asked once, and only then,
    because what the condition reads exists no earlier.
    """
    now = dict(stands)
    waiting = {node.key: node for node in nodes if now[node.key] is Stand.WAITING}
    begin: set[str] = set()
    bypass: set[str] = set()
    followers = _followers(waiting.values())
    look = list(waiting)
    while look:
        again: list[str] = []
        for key in look:
            if key in begin or key in bypass:
                continue
            answer = met(waiting[key], now)
            if answer == "yes" and wanted(key):
                begin.add(key)
            elif answer != "not yet":
                bypass.add(key)
                now[key] = Stand.BYPASSED
                again += followers.get(key, ())
        look = again
    order = [node.key for node in nodes]
    return Unlocked(
        begin=tuple(key for key in order if key in begin), bypass=tuple(key for key in order if key in bypass)
    )


def _followers(nodes: Iterable[Node]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in nodes:
        for need in node.needs:
            found.setdefault(need, []).append(node.key)
    return found


def is_over(stands: Iterable[Stand]) -> bool:
    """Tell whether nothing is left that could go on, now or by a person's decision."""
    return all(stand in OVER for stand in stands)


def waits_for_a_person(stands: Iterable[Stand]) -> bool:
    """Tell whether the run stands still until a person decides about a failed or unknown step."""
    found = list(stands)
    return Stand.HELD in found and Stand.LIVING not in found


def downstream(nodes: Iterable[Node], key: str) -> set[str]:
    """Return the steps that need this one, directly or through others."""
    followers = _followers(nodes)
    found: set[str] = set()
    look = [key]
    while look:
        fresh = [each for each in followers.get(look.pop(), ()) if each not in found]
        found.update(fresh)
        look += fresh
    return found
