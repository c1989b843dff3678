"""Somebody takes a duty for a while, or gives it back."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Override, Person, Schedule
from people.operations.recording import SCHEDULES, record
from web.errors import BadInput, IllegalMove, NotFound


def add_override(
    *, schedule_id: int, person: Person, starts_at: datetime, ends_at: datetime, by: Actor, now: datetime
) -> Override:
    """Put `person` on call in [starts_at, ends_at). Locks the schedule, so that two can't overlap.

    Raises `BadInput` for a time that ends before it starts or is over, `IllegalMove` when another override is there.
    """
    schedule = _lock(schedule_id)
    if ends_at <= starts_at:
        raise BadInput("It ends before it starts.", errors={"ends_at": "Choose an end after the start."})
    if ends_at <= now:
        raise BadInput("That time is over.", errors={"ends_at": "Choose an end that is still to come."})
    taken = schedule.overrides.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).select_related("person").first()
    if taken is not None:
        raise IllegalMove(f"{taken.person.name} already takes part of that time. Remove that override first.")
    override = Override.objects.create(schedule=schedule, person=person, starts_at=starts_at, ends_at=ends_at)
    record(SCHEDULES, "override.added", by=by, now=now, payload=_payload(override))
    return override


def remove_override(*, override_id: int, by: Actor, now: datetime) -> None:
    """Take an override away; the rotation counts again. Raises `NotFound`."""
    override = Override.objects.select_related("person", "schedule").filter(pk=override_id).first()
    if override is None:
        raise NotFound("There is no such override; perhaps it was removed already.")
    _lock(override.schedule_id)
    payload = _payload(override)
    override.delete()
    record(SCHEDULES, "override.removed", by=by, now=now, payload=payload)


def _lock(schedule_id: int) -> Schedule:
    schedule = Schedule.objects.select_for_update(no_key=True).filter(pk=schedule_id).first()
    if schedule is None:
        raise NotFound("There is no such schedule.")
    return schedule


def _payload(override: Override) -> dict[str, JSON]:
    return {
        "schedule": override.schedule.name,
        "person": override.person.name,
        "from": override.starts_at.isoformat(),
        "to": override.ends_at.isoformat(),
    }
