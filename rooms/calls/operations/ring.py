"""Ring who is on call, level by level, until somebody takes the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications.roll import Roll
from notifications.rules.frozen_policy import FrozenPolicy
from people.actors import actor_for
from people.models import Person
from rooms.bridge.phones import phone_of
from rooms.calls.recording import record
from rooms.models import LiveCall

State = LiveCall.State
MOST_AT_ONCE = 10
"""Numbers that the carrier rings by one Dial."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ringing:
    """Somebody who is rung now: `number` in E.164."""

    person: Person
    number: str


def ring_next(*, call: LiveCall, after: int, now: datetime) -> list[Ringing]:
    """Return whom to ring next after level `after`, [] when nobody is left; those whom nobody can call are passed over
    and said. A repeated request for the same level gets the same people. Locks the call, then the ledger's head.
    """
    with transaction.atomic():
        locked = LiveCall.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)
        if locked.taken_by_id is not None or locked.policy is None:
            return []
        levels = FrozenPolicy.from_json(locked.policy).levels
        roll = Roll(now=now)
        for position in range(after + 1, len(levels) + 1):
            people = [roll.person(id_) for id_ in roll.people_of(levels[position - 1])]
            numbers = {person.pk: phone_of(person) for person in people}
            found = [Ringing(person=each, number=numbers[each.pk]) for each in people if numbers[each.pk]][
                :MOST_AT_ONCE
            ]
            if position > locked.level:
                locked.level = position
                locked.save(update_fields=["level"])
                names = [each.person.name for each in found]
                record(locked, "call.rung", now=now, payload={"level": position, "people": list(names)})
            if found:
                return found
    return []


def take(*, call: LiveCall, person_id: UUID, now: datetime) -> Person | None:
    """Put the caller through to somebody who pressed 1, and return whose the call is now: of two the first has it.

    None when the caller has hung up. Locks the call, then the ledger's head.
    """
    with transaction.atomic():
        locked = LiveCall.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)
        if locked.taken_by is None and locked.state == State.RINGING:
            person = Person.objects.get(pk=person_id)
            locked.taken_by, locked.state = person, State.TALKING
            locked.save(update_fields=["taken_by", "state"])
            by = actor_for(person, via="voice")
            record(locked, "call.taken", now=now, by=by, payload={"name": person.name, "level": locked.level})
        return locked.taken_by


def hang_up(*, call: LiveCall, now: datetime) -> None:
    """Note that the call is over: answered, or given up before anybody took it; once. Locks the call."""
    with transaction.atomic():
        locked = LiveCall.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)
        if locked.is_over:
            return
        locked.ended_at = now
        locked.state = State.ENDED if locked.taken_by_id is not None else State.GAVE_UP
        locked.save(update_fields=["ended_at", "state"])
        record(locked, "call.ended" if locked.taken_by_id is not None else "call.given_up", now=now)
