"""What happens on a bridge, in its incident's timeline."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from people.actors import actor_for
from rooms.models import Bridge, BridgeCaller
from web import live


def subject_of(bridge: Bridge) -> str:
    """Return the name under which the ledger knows the bridge's incident."""
    return f"incident:{bridge.incident_id}"


def record(bridge: Bridge, verb: str, *, by: Actor, now: datetime, payload: dict[str, JSON] | None = None) -> None:
    """Put one entry into the incident's chain and tell its room. Takes the ledger's head: the last lock."""
    append(subject=subject_of(bridge), verb=verb, by=by, now=now, payload=payload or {})
    live.changed(subject_of(bridge))


def as_actor(caller: BridgeCaller) -> Actor:
    """Return who is on the line as the actor; who only knew the PIN is a stranger by name."""
    if caller.person is not None:
        return actor_for(caller.person, via="voice")
    return Actor(kind="provider", id="", name=caller.name, via="voice")
