"""Give somebody a new password, from the server's side: for a first administrator, or one who lost theirs."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from ledger.actor import Actor
from people.models import Person
from people.operations.change_person import lock_person
from people.operations.recording import PEOPLE, record
from web.errors import BadInput

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without l, o, i, 0 and 1, which are mistaken for one another when read from a screen."""


def made_password() -> str:
    """Return a random password of 79 bits that can be typed on a phone: four groups of four."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def set_password(*, person_id: UUID | str, password: str, by: Actor, now: datetime) -> Person:
    """Set the password; every session of the person ends by it. Locks the row.

    Raises `NotFound`, or `BadInput` with what is wrong with the password. The ledger tells that, never what.
    """
    person = lock_person(person_id)
    try:
        validate_password(password, person)
    except ValidationError as error:
        sentence = " ".join(error.messages)
        raise BadInput(sentence, errors={"password": sentence}) from None
    person.set_password(password)
    person.save(update_fields=["password"])
    record(PEOPLE, "person.password_set", by=by, now=now, payload={"id": str(person.pk), "name": person.name})
    return person
