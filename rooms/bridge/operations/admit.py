"""Let a call into the bridge: its document says so next, the provider's news will tell that it is in."""

from __future__ import annotations

from datetime import datetime

from people.models import Person
from rooms.bridge.recording import subject_of
from rooms.bridge.rules import JOINS_WITHIN
from rooms.models import Bridge, BridgeCaller
from web import live

State = BridgeCaller.State


def admit(*, bridge: Bridge, call: str, how: str, person: Person | None, number: str, now: datetime) -> BridgeCaller:
    """Return the caller of this call, made or moved to `joining`; one that is in already, or has left, stays so.

    Who is not heard of within `JOINS_WITHIN` is asked for. Expects a transaction. Locks the caller.
    """
    name = person.name if person is not None else guest(number)
    caller, made = BridgeCaller.objects.select_for_update(no_key=True, of=("self",)).get_or_create(
        bridge=bridge,
        call=call,
        defaults={
            "how": how,
            "person": person,
            "name": name,
            "number": number[:20],
            "state": State.JOINING,
            "lease_until": now + JOINS_WITHIN,
            "created_at": now,
        },
    )
    if not made and caller.state in (State.WANTED, State.CALLING):
        caller.state, caller.lease_until = State.JOINING, now + JOINS_WITHIN
        caller.save(update_fields=["state", "lease_until"])
    live.changed(subject_of(bridge))
    return caller


def guest(number: str) -> str:
    """Return what the room calls somebody who only knew the PIN: enough of the number to ask whose it is."""
    return f"Guest {number[-4:]}" if len(number) > 4 else "Guest"
