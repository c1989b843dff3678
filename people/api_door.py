"""What every call does first: somebody calls, and may do this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from engine import clock
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from people.permissions import require
from web.api import caller_of


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """Who calls, and the actor that the ledger names for what they do: the person, whichever token they used."""

    person: Person
    by: Actor

    @property
    def now(self) -> datetime:
        """Return the database's time."""
        return clock.now()


def admit(request: HttpRequest, capability: str = "") -> Admitted:
    """Return the caller if they hold `capability` ("": anybody with a token); raise `NotAllowed`.

    Ask before looking for what the address names: so nobody learns what exists from the answer.
    """
    caller = caller_of(request)
    person = caller.person
    assert isinstance(person, Person)  # noqa: S101  (the only look-up of tokens is ours)
    if capability:
        require(person, capability)
    return Admitted(person=person, by=actor_for(person, via=caller.via))
