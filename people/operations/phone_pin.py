"""Set, clear and check the PIN that proves on the telephone who is speaking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.db.transaction import TransactionManagementError

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person, PhonePin
from people.operations.change_person import lock_person
from people.operations.recording import PEOPLE, record
from people.rules import pins
from web.errors import BadInput, NotAllowed

Proof = Literal["password", "second_factor"]
MOST_TRIES: Final = 5
"""Wrong PINs in a row before none is looked at any more: of ten thousand, five are guessed."""
LOCKED_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What looking at a PIN came to: `tries_left` before it is locked, `locked_now` by this very try."""

    right: bool
    tries_left: int = 0
    locked_until: datetime | None = None
    locked_now: bool = False


def set_pin(*, person_id: UUID | str, pin: str, proof: Proof, by: Actor, now: datetime) -> PhonePin:
    """Set somebody's own PIN; a lock of the one before ends. Locks the person.

    `proof` is what the door has just seen of them. Raises `NotAllowed` for anybody else, administrators included, and
    `BadInput` for a PIN that is tried first. The ledger tells that it was set and by which proof, never the PIN.
    """
    person = lock_person(person_id)
    if by.kind != "person" or by.id != str(person.pk):
        raise NotAllowed("Only its owner sets a PIN; who knows it could approve in their name.")
    fault = pins.fault(pin)
    if fault:
        raise BadInput(fault, errors={"pin": fault})
    values = {"digest": make_password(pin), "set_at": now, "tries": 0, "locked_until": None}
    row, _ = PhonePin.objects.update_or_create(person=person, defaults=values)
    payload: dict[str, JSON] = {"id": str(person.pk), "name": person.name, "proof": proof}
    record(PEOPLE, "person.pin_set", by=by, now=now, payload=payload)
    return row


def clear_pin(*, person_id: UUID | str, by: Actor, now: datetime) -> bool:
    """Take a PIN away, as its owner or as an administrator; return whether there was one. Locks the person.

    Raises `NotAllowed` for anybody else.
    """
    person = lock_person(person_id)
    if by.kind != "person" or not (
        by.id == str(person.pk) or Person.objects.administrators().filter(pk=by.id).exists()
    ):
        raise NotAllowed("Only its owner or an administrator clears a PIN.")
    deleted, _ = PhonePin.objects.filter(person=person).delete()
    if deleted:
        record(PEOPLE, "person.pin_cleared", by=by, now=now, payload={"id": str(person.pk), "name": person.name})
    return bool(deleted)


def has_pin(person: Person) -> bool:
    """Tell whether this person set a PIN."""
    return PhonePin.objects.filter(person=person).exists()


def check_pin(*, person: Person, pin: str, by: Actor, now: datetime) -> Checked:
    """Look at a PIN and count the try; while it is locked none is looked at, the right one included.

    Locks the person's PIN, so that guesses at one moment are counted one by one: take no other lock before, and commit
    whatever comes of it. The fifth wrong one in a row locks it for 15 minutes and is in the ledger.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A PIN is checked in the transaction that counts the try.")
    row = PhonePin.objects.select_for_update(no_key=True).filter(person=person).first()
    if row is None:
        return Checked(right=False)
    if row.locked_until is not None and now < row.locked_until:
        return Checked(right=False, locked_until=row.locked_until)
    right = check_password(pin, row.digest)
    row.tries = 0 if right or row.locked_until is not None else row.tries
    row.tries += 0 if right else 1
    row.locked_until = now + LOCKED_FOR if row.tries >= MOST_TRIES else None
    row.save(update_fields=["tries", "locked_until"])
    if row.locked_until is not None:
        payload: dict[str, JSON] = {"id": str(person.pk), "name": person.name, "via": by.via}
        record(PEOPLE, "person.pin_locked", by=Actor.system(), now=now, payload=payload)
    return Checked(
        right=right,
        tries_left=MOST_TRIES - row.tries,
        locked_until=row.locked_until,
        locked_now=row.locked_until is not None,
    )
