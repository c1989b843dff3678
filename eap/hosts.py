"""The hosts behind the names that plans and people use."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from eap.actions.base import Host
from eap.models import InventoryHost


def hosts_of(name: str, *, drill: bool = False) -> list[Host]:
    """Return the hosts of a group, of a whole inventory (`harbor`), or of a group of one (`harbor:web`), by name.

    `all` is every host. In a drill only those marked for drills.
    """
    inventory, colon, group = name.partition(":")
    if colon:
        wanted = Q(inventory__name=inventory, groups__contains=[group])
    elif name == "all":
        wanted = Q()
    else:
        wanted = Q(inventory__name=name) | Q(groups__contains=[name])
    return _hosts(wanted, drill=drill)


def hosts_named(names: Iterable[str], *, drill: bool = False) -> list[Host]:
    """Return the hosts with these names; those nobody knows are left out."""
    return _hosts(Q(name__in=list(names)), drill=drill)


def unknown_hosts(names: Iterable[str]) -> list[str]:
    """Return which of these names no inventory has."""
    asked = list(dict.fromkeys(names))
    known = set(InventoryHost.objects.filter(name__in=asked).values_list("name", flat=True))
    return [name for name in asked if name not in known]


def _hosts(wanted: Q, *, drill: bool) -> list[Host]:
    rows = InventoryHost.objects.filter(wanted, **({"drill": True} if drill else {})).order_by("name", "inventory_id")
    found: dict[str, Host] = {}
    for row in rows.iterator():
        found.setdefault(
            row.name, Host(name=row.name, address=row.address, groups=tuple(row.groups), variables=row.variables)
        )
    return list(found.values())
