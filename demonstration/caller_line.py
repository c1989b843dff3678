"""Harbor Hosting's number for large customers: it rings who is on call, or takes a message that opens an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from incidents.models import Service
from ledger.actor import Actor
from rooms.calls.operations.change_line import LineDraft, add_line

NUMBER: Final = "+12025550199"
"""A number kept for fiction (North American numbering plan, 555-0100 to 555-0199), as the simulator's own is."""
NAME: Final = "Harbor emergencies"
OFFERED: Final = ("dedicated", "vps", "shared-hosting")


def open_caller_line(*, now: datetime) -> None:
    """Let customers choose by key what is broken."""
    services = {service.key: service for service in Service.objects.filter(key__in=OFFERED)}
    draft = LineDraft(
        number=NUMBER,
        name=NAME,
        greeting="This is Harbor Hosting's emergency line.",
        services=[services[key] for key in OFFERED],
    )
    add_line(draft=draft, by=Actor.system(name="Demonstration", via="cli"), now=now)
