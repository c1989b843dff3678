"""Have somebody's calls say nothing of what they are about before a key is pressed."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from ledger.rules import JSON
from notifications.models import DiscreetCalls
from people.models import Person
from people.operations.recording import PEOPLE, record


def set_discreet_calls(*, person: Person, discreet: bool, by: Actor, now: datetime) -> bool:
    """Switch it on or off for a person and return whether that changed anything. Locks the ledger's head."""
    if discreet:
        _row, changed = DiscreetCalls.objects.get_or_create(person=person, defaults={"since": now})
    else:
        deleted, _rows = DiscreetCalls.objects.filter(person=person).delete()
        changed = bool(deleted)
    if changed:
        payload: dict[str, JSON] = {"id": str(person.pk), "name": person.name, "discreet": discreet}
        record(PEOPLE, "person.discreet_calls", by=by, now=now, payload=payload)
    return changed
