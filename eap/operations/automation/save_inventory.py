"""Make an inventory, fill it from a file or an address, take it away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from eap.models import Inventory, InventoryHost
from eap.rules.inventory import FoundHost
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web import live
from web.errors import BadInput, NotFound

SUBJECT: Final = "settings:inventories"


def save_inventory(
    *, name: str, source: str, by: Actor, now: datetime, url: str = "", token: str = "", inventory_id: int | None = None
) -> Inventory:
    """Make an inventory, or change the one of this id; an empty `token` keeps the old one. Locks the row."""
    _in_transaction()
    inventory = _locked(inventory_id) if inventory_id is not None else Inventory()
    if Inventory.objects.filter(name=name).exclude(pk=inventory.pk).exists():
        raise BadInput("There is an inventory of this name.", errors={"name": "There is an inventory of this name."})
    inventory.name, inventory.source, inventory.url = name, source, url if source == Inventory.Source.HTTP else ""
    inventory.token = token or inventory.token
    inventory.save()
    payload: dict[str, JSON] = {"id": inventory.pk, "name": name, "source": source, "url": inventory.url}
    append(subject=SUBJECT, verb="inventory.saved", by=by, now=now, payload=payload)
    live.changed("settings")
    return inventory


def fill_inventory(*, inventory_id: int, hosts: Sequence[FoundHost], by: Actor, now: datetime) -> dict[str, int]:
    """Put these hosts in place of the present ones; return how many were added, changed and removed.

    Runs that are under way keep the hosts that they froze. Locks the inventory.
    """
    _in_transaction()
    inventory = _locked(inventory_id)
    before = {host.name: host for host in inventory.hosts.all()}
    wanted = {host.name: _row(inventory, host) for host in hosts}
    added = [row for name, row in wanted.items() if name not in before]
    changed = []
    for name, row in wanted.items():
        old = before.get(name)
        if old is not None and _values(old) != _values(row):
            row.pk = old.pk
            changed.append(row)
    removed = [host.pk for name, host in before.items() if name not in wanted]
    InventoryHost.objects.bulk_create(added, batch_size=2_000)
    InventoryHost.objects.bulk_update(changed, ["address", "groups", "variables", "drill"], batch_size=1_000)
    InventoryHost.objects.filter(pk__in=removed).delete()
    inventory.refreshed_at = inventory.tried_at = now
    inventory.trouble = ""
    inventory.save(update_fields=["refreshed_at", "tried_at", "trouble"])
    counts = {"added": len(added), "changed": len(changed), "removed": len(removed)}
    if any(counts.values()):
        digest = hashlib.sha256(json.dumps([_values(row) for row in wanted.values()], sort_keys=True).encode())
        payload: dict[str, JSON] = {"id": inventory.pk, "name": inventory.name, "hosts": len(wanted), **counts}
        payload["sha256"] = digest.hexdigest()
        append(subject=SUBJECT, verb="inventory.filled", by=by, now=now, payload=payload)
        live.changed("settings")
    return counts


def note_trouble(*, inventory_id: int, sentence: str, now: datetime) -> None:
    """Note why an inventory could not be fetched; its hosts stay."""
    Inventory.objects.filter(pk=inventory_id).update(trouble=sentence[:300], tried_at=now)


def remove_inventory(*, inventory_id: int, by: Actor, now: datetime) -> None:
    """Take an inventory away with its hosts. Locks it; repeating changes nothing."""
    _in_transaction()
    inventory = Inventory.objects.select_for_update(no_key=True).filter(pk=inventory_id).first()
    if inventory is not None:
        payload: dict[str, JSON] = {"id": inventory.pk, "name": inventory.name}
        inventory.delete()
        append(subject=SUBJECT, verb="inventory.removed", by=by, now=now, payload=payload)
        live.changed("settings")


def _row(inventory: Inventory, host: FoundHost) -> InventoryHost:
    return InventoryHost(
        inventory=inventory,
        name=host.name,
        address=host.address,
        groups=sorted(host.groups),
        variables=host.variables,
        drill=host.drill,
    )


def _values(host: InventoryHost) -> list[object]:
    return [host.name, host.address, host.groups, host.variables, host.drill]


def _locked(inventory_id: int) -> Inventory:
    inventory = Inventory.objects.select_for_update(no_key=True).filter(pk=inventory_id).first()
    if inventory is None:
        raise NotFound("There is no such inventory.")
    return inventory


def _in_transaction() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("An inventory is changed inside a transaction.")
