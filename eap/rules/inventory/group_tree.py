"""Groups within groups, as Ansible has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from eap.rules.inventory.found import Hosts, take_variables

NO_GROUPS: Final = frozenset({"all", "ungrouped"})
"""What every host is in, and what only those are in that nothing says more of: Ansible's own, never kept."""


def spread(hosts: Hosts, children: Mapping[str, set[str]], own: Iterable[tuple[str, Any]]) -> None:
    """Put hosts of a child group into its parents too, and give them what their groups say, where they say nothing."""
    above = _above(children)
    told = [(group, variables) for group, variables in own if isinstance(variables, Mapping) and variables]
    for host in hosts.found.values():
        host.groups |= {parent for group in host.groups for parent in above.get(group, ())}
        for group, variables in told:
            if group == "all" or group in host.groups:
                take_variables(host, {k: v for k, v in variables.items() if str(k) not in host.variables})


def _above(children: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the groups that each group is part of, at any depth; a circle is no trouble."""
    parents: dict[str, set[str]] = {}
    for parent, below in children.items():
        for group in below:
            parents.setdefault(group, set()).add(parent)
    found: dict[str, set[str]] = {}
    for group in parents:
        seen, look = set[str](), [group]
        while look:
            for parent in parents.get(look.pop(), ()):
                if parent not in seen:
                    seen.add(parent)
                    look.append(parent)
        found[group] = seen - NO_GROUPS
    return found
