"""Give a schedule people who take turns, change their turns, take them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Max

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person, Rotation, RotationMember
from people.operations.change_schedule import lock_schedule
from people.operations.people_in_order import people_in_order
from people.operations.recording import SCHEDULES, record
from web.errors import BadInput, NotFound


@dataclass(frozen=True, kw_only=True)
class RotationDraft:
    """People (ids, in the order of their turns) handing over every `turn_length` days or weeks at `handover_at`.

    `kind` is "daily" or "weekly"; the first turn starts on `starts_on`, `ends_on` is the first day without one.
    """

    kind: str
    turn_length: int
    handover_at: time
    starts_on: date
    people: Sequence[str]
    name: str = ""
    ends_on: date | None = None


def add_rotation(*, schedule_id: int, draft: RotationDraft, by: Actor, now: datetime) -> Rotation:
    """Add a rotation above those that are there: where both name somebody, the newer one wins. Locks the schedule."""
    schedule = lock_schedule(schedule_id)
    people = _checked(draft)
    highest = schedule.rotations.aggregate(highest=Max("position"))["highest"]
    rotation = Rotation(schedule=schedule, position=0 if highest is None else highest + 1)
    _write(rotation, draft, people)
    record(SCHEDULES, "rotation.added", by=by, now=now, payload=_payload(rotation, people))
    return rotation


def change_rotation(*, rotation_id: int, draft: RotationDraft, by: Actor, now: datetime) -> Rotation:
    """Set a rotation's turns. Locks its schedule; changing nothing records nothing. Raises `BadInput`, `NotFound`."""
    rotation = _find(rotation_id)
    people = _checked(draft)
    before = _payload(rotation, [place.person for place in rotation.places.select_related("person")])
    _write(rotation, draft, people)
    after = _payload(rotation, people)
    if before != after:
        was = {name: value for name, value in before.items() if after[name] != value}
        record(SCHEDULES, "rotation.changed", by=by, now=now, payload={**after, "from": was})
    return rotation


def remove_rotation(*, rotation_id: int, by: Actor, now: datetime) -> None:
    """Take a rotation away. Locks its schedule. Raises `NotFound`."""
    rotation = _find(rotation_id)
    payload = _payload(rotation, [place.person for place in rotation.places.select_related("person")])
    rotation.delete()
    record(SCHEDULES, "rotation.removed", by=by, now=now, payload=payload)


def _find(rotation_id: int) -> Rotation:
    schedule_id = Rotation.objects.filter(pk=rotation_id).values_list("schedule_id", flat=True).first()
    if schedule_id is not None:
        lock_schedule(schedule_id)
    # Read again under the lock: it may have changed or gone between.
    rotation = Rotation.objects.select_related("schedule").filter(pk=rotation_id).first()
    if rotation is None:
        raise NotFound("There is no such rotation; perhaps it was removed already.")
    return rotation


def _checked(draft: RotationDraft) -> list[Person]:
    errors: dict[str, str] = {}
    if draft.kind not in Rotation.Kind.values:
        errors["kind"] = "Choose days or weeks."
    if not 1 <= draft.turn_length <= 52:
        errors["turn_length"] = "A turn takes 1 to 52 days or weeks."
    if draft.ends_on is not None and draft.ends_on <= draft.starts_on:
        errors["ends_on"] = "Choose a day after the first one."
    if not draft.people:
        errors["people"] = "Choose at least one person."
    if errors:
        raise BadInput("The rotation was not saved. " + " ".join(errors.values()), errors=errors)
    return people_in_order(draft.people, field="people")


def _write(rotation: Rotation, draft: RotationDraft, people: Sequence[Person]) -> None:
    rotation.name, rotation.kind, rotation.turn_length = draft.name.strip(), draft.kind, draft.turn_length
    rotation.handover_at, rotation.starts_on, rotation.ends_on = draft.handover_at, draft.starts_on, draft.ends_on
    rotation.save()
    rotation.places.all().delete()
    RotationMember.objects.bulk_create(
        RotationMember(rotation=rotation, person=person, position=position) for position, person in enumerate(people)
    )


def _payload(rotation: Rotation, people: Sequence[Person]) -> dict[str, JSON]:
    return {
        "id": rotation.pk,
        "schedule": rotation.schedule.name,
        "name": rotation.name,
        "kind": rotation.kind,
        "turn_length": rotation.turn_length,
        "handover_at": rotation.handover_at.strftime("%H:%M"),
        "starts_on": rotation.starts_on.isoformat(),
        "ends_on": rotation.ends_on.isoformat() if rotation.ends_on else None,
        "people": [person.name for person in people],
    }
