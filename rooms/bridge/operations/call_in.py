"""Dial somebody straight into the bridge."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from engine import wake
from incidents.models import Incident
from incidents.queries import visible_incidents
from ledger.actor import Actor
from people.models import Person
from rooms.bridge.operations.open_bridge import open_bridge
from rooms.bridge.phones import phone_of
from rooms.bridge.recording import record
from rooms.models import Bridge, BridgeCaller
from web.errors import BadInput, NotAllowed, NotFound

State = BridgeCaller.State
NETWORK = Actor.system(via="provider")
OPEN = (State.WANTED, State.CALLING, State.JOINING, State.ON_LINE)


def call_in(*, incident: Incident, person_id: UUID | str, by: Actor, now: datetime) -> BridgeCaller:
    """Have somebody dialled into the incident's bridge within a second; who is dialled or in it already stays so.

    Raises `NotFound`, `NotAllowed` for somebody who may not know of a private incident, `BadInput` for one without a
    number, `IllegalMove` once the incident is over. Locks the bridge, then the ledger's head.
    """
    person = Person.objects.active().filter(pk=person_id).first()
    if person is None:
        raise NotFound("There is nobody of that name here any more.")
    if not visible_incidents(person).filter(pk=incident.pk).exists():
        raise NotAllowed(f"{person.name} does not know of this incident. Page them first.")
    number = phone_of(person)
    if not number:
        raise BadInput(f"{person.name} has no phone number that works.")
    bridge = open_bridge(incident=incident, by=by, now=now)
    caller = bridge.callers.filter(person=person, state__in=OPEN).first()
    if caller is not None:
        return caller
    caller = BridgeCaller.objects.create(
        bridge=bridge,
        person=person,
        name=person.name,
        number=number,
        how=BridgeCaller.How.CALLED_IN,
        state=State.WANTED,
        created_at=now,
    )
    record(bridge, "bridge.called", by=by, now=now, payload={"name": person.name, "person": str(person.pk)})
    wake.after_commit("bridges")
    return caller


def miss(*, bridge: Bridge, caller: BridgeCaller, reason: str, now: datetime) -> None:
    """Note that somebody who was dialled is not coming by this call; nothing once they are in. Expects the bridge's
    lock."""
    if caller.state not in (State.WANTED, State.CALLING):
        return
    caller.state, caller.reason, caller.lease_until = State.MISSED, reason[:300], None
    caller.save(update_fields=["state", "reason", "lease_until"])
    record(bridge, "bridge.missed", by=NETWORK, now=now, payload={"name": caller.name, "reason": reason[:300]})
