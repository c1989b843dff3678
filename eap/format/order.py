"""What comes before what: the order that `needs` gives the steps of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from eap.format.document import Step


def before(steps: Sequence[Step]) -> dict[str, frozenset[str]]:
    """Return for each step the ids of all that come before it on some way through `needs`.

    Needs that name nobody are left out, and so is a need that closes a circle (`circle` finds it).
    """
    needs = {step.id: step.needs for step in steps}
    found: dict[str, frozenset[str]] = {}
    for identity in in_order(steps):
        found[identity] = frozenset().union(*({need} | found[need] for need in needs[identity] if need in found))
    return found


def in_order(steps: Sequence[Step]) -> list[str]:
    """Return the ids so that every step comes after its needs, as close to the written order as that allows.

    Steps of a circle, and those after them, come last, in written order.
    """
    found = _sorted(steps)
    rest = {step.id for step in steps} - set(found)
    return found + [step.id for step in steps if step.id in rest]


def _sorted(steps: Sequence[Step]) -> list[str]:
    """Return the ids in an order of work, without those that a circle keeps from ever starting."""
    ids = {step.id for step in steps}
    left = {step.id: set(step.needs) & ids for step in steps}
    after: dict[str, list[str]] = {}
    for step in steps:
        for need in left[step.id]:
            after.setdefault(need, []).append(step.id)
    place = {step.id: number for number, step in enumerate(steps)}
    ready = [place[identity] for identity, needs in left.items() if not needs]
    heapify(ready)
    found: list[str] = []
    while ready:
        identity = steps[heappop(ready)].id
        found.append(identity)
        for other in after.get(identity, []):
            left[other].discard(identity)
            if not left[other]:
                heappush(ready, place[other])
    return found


def circle(steps: Sequence[Step]) -> list[str]:
    """Return the ids of one circle of needs, each needing the next, [] when there is none."""
    stuck = {step.id for step in steps} - set(_sorted(steps))
    needs = {step.id: step.needs for step in steps}
    way: list[str] = []
    identity = next((step.id for step in steps if step.id in stuck), "")
    while identity and identity not in way:
        way.append(identity)
        # What is stuck needs something stuck; following that must come round.
        identity = next(need for need in needs[identity] if need in stuck)
    return way[way.index(identity) :] if identity else []
