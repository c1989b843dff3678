"""The hosts behind the names that plans and people use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.db.models import Q

from eap.actions.base import Host
from eap.models import Inventory, InventoryHost

FEW: Final = 3
STALE: Final = timedelta(hours=2)
"""Two fetches were missed; they come every hour (`refresh_inventory.EVERY`)."""


def hosts_of(name: str, *, drill: bool = False) -> list[Host]:
    """Return the hosts of a group, of a whole inventory (`harbor`), or of a group of one (`harbor:web`), by name.

    `all` is every host. In a drill only those marked for drills.
    """
    return _hosts(_group(name), drill=drill)


def _group(name: str) -> Q:
    inventory, colon, group = name.partition(":")
    if colon:
        return Q(inventory__name=inventory, groups__contains=[group])
    return Q() if name == "all" else Q(inventory__name=name) | Q(groups__contains=[name])


def find(names: Sequence[str], drill: bool) -> list[Host]:
    """Return the hosts of these groups, inventories or single names, each once.

    Raises `ValueError` for a name that nothing has.
    """
    found: dict[str, Host] = {}
    for name in names:
        hosts = hosts_of(name, drill=drill) or hosts_named([name], drill=drill)
        if not hosts and not hosts_of(name) and unknown_hosts([name]):
            raise ValueError(f"No inventory has a group or a host called {name}.")
        for host in hosts:
            found.setdefault(host.name, host)
    return list(found.values())


def hosts_named(names: Iterable[str], *, drill: bool = False) -> list[Host]:
    """Return the hosts with these names; those nobody knows are left out."""
    return _hosts(Q(name__in=list(names)), drill=drill)


def unknown_hosts(names: Iterable[str]) -> list[str]:
    """Return which of these names no inventory has."""
    asked = list(dict.fromkeys(names))
    known = set(InventoryHost.objects.filter(name__in=asked).values_list("name", flat=True))
    return [name for name in asked if name not in known]


def unknown_names(names: Iterable[str], *, now: datetime) -> list[str]:
    """Return the first of these names that no inventory has, whether as a host, a group or its own; `FEW` at most.

    Nobody can tell, and so none is returned, while there are no hosts at all, or while an inventory that comes by HTTP
    was last fetched `STALE` ago or could not be fetched: a name may stand in what it says by now.
    """
    stale = Q(refreshed_at=None) | Q(refreshed_at__lt=now - STALE) | ~Q(trouble="")
    if not InventoryHost.objects.exists() or Inventory.objects.filter(stale, source=Inventory.Source.HTTP).exists():
        return []
    strange = (name for name in unknown_hosts(names) if not _is_group(name))
    return list(islice(strange, FEW))


def _is_group(name: str) -> bool:
    return InventoryHost.objects.filter(_group(name)).exists()


def _hosts(wanted: Q, *, drill: bool) -> list[Host]:
    rows = InventoryHost.objects.filter(wanted, **({"drill": True} if drill else {})).order_by("name", "inventory_id")
    found: dict[str, Host] = {}
    for row in rows.iterator():
        found.setdefault(
            row.name, Host(name=row.name, address=row.address, groups=tuple(row.groups), variables=row.variables)
        )
    return list(found.values())
