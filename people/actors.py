"""From a person to the actor that the ledger names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.actor import Actor

if TYPE_CHECKING:
    from people.models import Person


def actor_for(person: Person, *, via: str) -> Actor:
    """Return the ledger's actor for a person; `via` says how they acted (web, api, voice, sms, email, cli)."""
    return Actor(kind="person", id=str(person.id), name=person.name, via=via)
