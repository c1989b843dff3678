"""Where a fan-out's hosts come from: the inventory says so when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from eap.actions.base import Host

FindHosts: TypeAlias = Callable[[Sequence[str], bool], list[Host]]
"""Called with names of groups or hosts, and whether it is a drill (then only hosts flagged for drills come back).

Returns each host once, in the inventory's order; raises `ValueError` with a sentence for a name that nothing has.
"""

_sources: list[FindHosts] = []


def register(find: FindHosts) -> None:
    """Have hosts found by `find`; the one registered last is asked."""
    _sources.append(find)


def find_hosts(names: Sequence[str], *, drill: bool) -> list[Host]:
    """Return the hosts of these groups or names; see `FindHosts`."""
    if not _sources:
        raise ValueError("There is no inventory to find hosts in.")
    return _sources[-1](names, drill)
