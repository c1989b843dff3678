"""Texts that ask for more than an answer to a page: a floor above knows those words, and registers in
`AppConfig.ready`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from notifications.models import ContactMethod
from people.models import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What somebody texted: `person` is the owner of the verified `number` (E.164), `body` as it was typed."""

    person: Person
    number: str
    body: str
    via: str
    now: datetime


class Commands(Protocol):
    """What a floor above offers."""

    def knows(self, body: str) -> bool:
        """Tell whether a text is meant for this floor, whoever it comes from. Reads no database."""

    def run(self, command: Command) -> str:
        """Do it, inside the transaction of the text's receipt, and return the words to send back."""

    def offer(self, person: Person) -> str:
        """Return what `person` may text, in few words, for somebody whom nobody understood."""


_offered: list[Commands] = []


def register(commands: Commands) -> None:
    """Let a floor answer the texts that it knows."""
    if commands not in _offered:
        _offered.append(commands)


def floor_for(body: str) -> Commands | None:
    """Return the floor that a text is meant for, None for most texts."""
    return next((each for each in _offered if each.knows(body)), None)


def offers(person: Person) -> str:
    """Return what `person` may text beside answers to pages, "" where no floor offers anything."""
    return "\n".join(filter(None, (each.offer(person) for each in _offered)))


def owner_of(number: str, *, channel: str) -> Person | None:
    """Return the one person whose verified, working contact method of this channel has this address.

    None for a number that is unknown, switched off, opted out, never verified, or shared: nobody could tell who of its
    owners is asking.
    """
    owners = (
        ContactMethod.objects.filter(
            channel=channel,
            address=number,
            verified_at__isnull=False,
            disabled_at=None,
            opted_out_at=None,
            person__is_active=True,
        )
        .select_related("person")
        .order_by("pk")[:2]
    )
    people = [method.person for method in owners]
    return people[0] if len(people) == 1 else None
