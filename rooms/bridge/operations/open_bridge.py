"""Open an incident's bridge."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from incidents.models import Incident
from ledger.actor import Actor
from rooms.bridge.recording import record
from rooms.bridge.rules import PIN_DIGITS
from rooms.models import Bridge
from web.errors import IllegalMove


def open_bridge(*, incident: Incident, by: Actor, now: datetime) -> Bridge:
    """Return the incident's bridge, opened now if there is none or if it was closed; of two at once one opens it.

    Raises `IllegalMove` for an incident that is over. Locks the bridge, then the ledger's head.
    """
    if not incident.is_open:
        raise IllegalMove("The incident is over, and its bridge with it. Reopen it first.")
    bridge = Bridge.objects.select_for_update(no_key=True).filter(incident=incident).first()
    if bridge is not None and bridge.closed_at is None:
        return bridge
    # A new name: what the provider may still be ending is another conference.
    fresh = {"room": f"muster-{incident.number}-{secrets.token_hex(6)}", "pin": _new_pin(), "opened_at": now}
    ended = {"closing_at": None, "closed_at": None, "ended_at": None, "looked_at": None}
    if bridge is None:
        try:
            with transaction.atomic():
                bridge = Bridge.objects.create(incident=incident, **fresh)
        except IntegrityError:  # somebody opened it in this moment
            return Bridge.objects.select_for_update(no_key=True).get(incident=incident)
    else:
        for name, value in {**fresh, **ended}.items():
            setattr(bridge, name, value)
        bridge.save()
    record(bridge, "bridge.opened", by=by, now=now)
    return bridge


def _new_pin() -> str:
    """Return a PIN that no open bridge has: whoever types it is led to one."""
    taken = {bridge.pin for bridge in Bridge.objects.filter(ended_at=None)}
    while True:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        if pin not in taken:
            return pin
