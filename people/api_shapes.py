"""People and schedules as the API shows and takes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from people.models import Person, Rotation, Schedule
from people.queries import people_named
from web.api import Schema
from web.errors import BadInput, NotFound


class PersonRef(Schema):
    """Somebody, by id and name."""

    id: str
    name: str


class PersonOut(PersonRef):
    """Somebody with an account; `role` is what they may do."""

    title: str
    email: str
    role: str
    time_zone: str
    language: str
    active: bool


class RotationOut(Schema):
    """People taking turns of `turn_length` days or weeks; later rotations win over earlier ones."""

    name: str
    kind: str
    turn_length: int
    handover_at: time
    starts_on: date
    ends_on: date | None
    people: list[PersonRef]


class OverrideOut(Schema):
    """Somebody who has the duty in [starts_at, ends_at), whatever the rotations say."""

    person: PersonRef
    starts_at: datetime
    ends_at: datetime


class ScheduleOut(Schema):
    """A duty that somebody holds at any moment; `overrides` are those that are not over."""

    id: str
    name: str
    time_zone: str
    rotations: list[RotationOut]
    overrides: list[OverrideOut]


class ScheduleRef(Schema):
    """A schedule, by id and name."""

    id: str
    name: str


class OnCallOut(Schema):
    """Who has a schedule's duty at a moment; nobody is a gap."""

    schedule: ScheduleRef
    at: datetime
    people: list[PersonOut]


def person_ref(person: Person) -> PersonRef:
    """Return somebody by id and name."""
    return PersonRef(id=str(person.pk), name=person.name)


def optional_ref(person: Person | None) -> PersonRef | None:
    """Return somebody by id and name, None for nobody."""
    return person_ref(person) if person else None


def person_out(person: Person) -> PersonOut:
    """Return somebody in full."""
    return PersonOut(
        id=str(person.pk),
        name=person.name,
        title=person.title,
        email=person.email,
        role=person.role,
        time_zone=person.time_zone,
        language=person.language,
        active=person.is_active,
    )


def schedule_out(schedule: Schedule) -> ScheduleOut:
    """Return a schedule of `schedules_in_full`."""
    return ScheduleOut(
        id=str(schedule.pk),
        name=schedule.name,
        time_zone=schedule.time_zone,
        rotations=[_rotation_out(rotation) for rotation in schedule.rotations.all()],
        overrides=[
            OverrideOut(person=person_ref(each.person), starts_at=each.starts_at, ends_at=each.ends_at)
            for each in schedule.overrides.all()
        ],
    )


def _rotation_out(rotation: Rotation) -> RotationOut:
    return RotationOut(
        name=rotation.name,
        kind=rotation.kind,
        turn_length=rotation.turn_length,
        handover_at=rotation.handover_at,
        starts_on=rotation.starts_on,
        ends_on=rotation.ends_on,
        people=[person_ref(place.person) for place in rotation.places.all()],
    )


def people_given(names: Sequence[str], *, field: str) -> list[Person]:
    """Return whom a call names by id or e-mail address, in that order; raise `BadInput` on `field` for anybody else."""
    found = people_named(names)
    unknown = [name for name in names if name not in found]
    if unknown:
        raise BadInput(
            "Somebody you named is not known here.",
            errors={field: f"Nobody has the id or e-mail address {unknown[0]!r}."},
        )
    return [found[name] for name in names]


def person_given(name: str, *, field: str = "person") -> Person:
    """Return whom a call names; promises are those of `people_given`."""
    return people_given([name], field=field)[0]


def person_asked_for(name: str) -> Person:
    """Return whom an address or a filter names; raise `NotFound` for anybody else."""
    person = people_named([name]).get(name)
    if person is None:
        raise NotFound("There is no such person.")
    return person
