"""Change a profile, deactivate somebody who leaves, take them back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import ApiToken, Person, Role
from people.operations.add_person import profile_faults
from people.operations.recording import PEOPLE, record
from web.errors import BadInput, IllegalMove, NotFound


def change_person(
    *,
    person_id: UUID | str,
    by: Actor,
    now: datetime,
    name: str | None = None,
    title: str | None = None,
    role: str | None = None,
    time_zone: str | None = None,
    language: str | None = None,
) -> Person:
    """Set what is given (None: as it is). Locks the person's row, for a role the administrators' too. Raises
    `BadInput`, or `IllegalMove` when the last administrator would stop being one.
    """
    person = lock_person(person_id) if role is None else _lock_with_administrators(person_id)
    given = {"name": name, "title": title, "role": role, "time_zone": time_zone, "language": language}
    wanted = {field: value.strip() for field, value in given.items() if value is not None}
    changes = {field: value for field, value in wanted.items() if getattr(person, field) != value}
    if not changes:
        return person
    errors = profile_faults(
        name=wanted.get("name", person.name),
        role=wanted.get("role", person.role),
        time_zone=wanted.get("time_zone", person.time_zone),
    )
    if errors:
        raise BadInput("Nothing was changed. " + " ".join(errors.values()), errors=errors)
    if changes.get("role", Role.ADMINISTRATOR) != Role.ADMINISTRATOR:
        _keep_an_administrator(person)
    before: dict[str, JSON] = {field: str(getattr(person, field)) for field in changes}
    for field, value in changes.items():
        setattr(person, field, value)
    person.save(update_fields=list(changes))
    payload: dict[str, JSON] = {"id": str(person.pk), "name": person.name, "from": before, "to": dict(changes)}
    record(PEOPLE, "person.changed", by=by, now=now, payload=payload)
    return person


def deactivate_person(*, person_id: UUID | str, by: Actor, now: datetime) -> Person:
    """Take somebody out: no sign-in, no pages, their tokens revoked. The ledger goes on naming them.

    Locks the person and the administrators. Raises `IllegalMove` for the last administrator.
    """
    person = _lock_with_administrators(person_id)
    if not person.is_active:
        return person
    _keep_an_administrator(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    revoked = ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=now)
    payload: dict[str, JSON] = {"id": str(person.pk), "name": person.name, "tokens_revoked": revoked}
    record(PEOPLE, "person.deactivated", by=by, now=now, payload=payload)
    return person


def reactivate_person(*, person_id: UUID | str, by: Actor, now: datetime) -> Person:
    """Take somebody back; their tokens stay revoked."""
    person = lock_person(person_id)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        record(PEOPLE, "person.reactivated", by=by, now=now, payload={"id": str(person.pk), "name": person.name})
    return person


def lock_person(person_id: UUID | str) -> Person:
    """Return the person, row locked until the commit; raise `NotFound`."""
    person = Person.objects.get_queryset().select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        raise NotFound("There is no such person.")
    return person


def _lock_with_administrators(person_id: UUID | str) -> Person:
    # In one order, so that two who remove each other wait instead of locking crosswise.
    rows = Person.objects.get_queryset().filter(Q(pk=person_id) | Q(role=Role.ADMINISTRATOR, is_active=True))
    locked = rows.order_by("pk").select_for_update(no_key=True)
    person = next((each for each in locked if str(each.pk) == str(person_id)), None)
    if person is None:
        raise NotFound("There is no such person.")
    return person


def _keep_an_administrator(person: Person) -> None:
    """Raise `IllegalMove` for the last one. Expects the administrators locked."""
    if person.role != Role.ADMINISTRATOR:
        return
    if not Person.objects.administrators().exclude(pk=person.pk).exists():
        raise IllegalMove(f"{person.name} is the last administrator. Make somebody else one first.")
