"""Harbor Hosting's plans and the machines they name."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eap.models import Inventory
from eap.operations.automation.save_inventory import fill_inventory, save_inventory
from eap.operations.plans.install import builtins, install
from eap.rules.inventory import FoundHost
from ledger.actor import Actor

INVENTORY: Final = "harbor"
MACHINES: Final = (
    # name, how many, groups
    ("web", 8, ("web", "shells")),
    ("db", 2, ("databases",)),
    ("db-a", 1, ("databases", "db-primary")),
    ("db-b", 1, ("databases", "db-replica")),
    ("vps", 12, ("vps",)),
    ("hv", 6, ("hypervisors",)),
    ("cluster", 1, ("cluster",)),
    ("store", 2, ("storage",)),
    ("ns", 3, ("dns",)),
    ("relay", 3, ("relays",)),
    ("edge", 2, ("edge",)),
    ("batch", 4, ("batch",)),
)


def prepare_plans(*, by: Actor, now: datetime) -> None:
    """Import the machines and bring in every plan that comes with Muster.

    None of the machines is marked for drills, and their addresses lead nowhere (TEST-NET-3, RFC 5737): drills rehearse.
    """
    inventory = save_inventory(name=INVENTORY, source=Inventory.Source.FILE, by=by, now=now)
    hosts = [
        FoundHost(name=f"{name}{number:02d}.harbor.example", groups=set(groups))
        for name, count, groups in MACHINES
        for number in range(1, count + 1)
    ]
    for number, host in enumerate(hosts, 1):
        host.address = f"203.0.113.{number}"
    fill_inventory(inventory_id=inventory.pk, hosts=hosts, by=by, now=now)
    for key in builtins():
        install(key=key, by=by, now=now)
