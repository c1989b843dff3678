"""Make a schedule, rename it, move it to another time zone, take it away."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import available_timezones

from django.db.models import ProtectedError

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Schedule
from people.operations.recording import SCHEDULES, record
from web.errors import BadInput, IllegalMove, NotFound


def add_schedule(*, name: str, time_zone: str, by: Actor, now: datetime) -> Schedule:
    """Create a schedule that names nobody yet. Raises `BadInput`."""
    _check(name, time_zone, schedule_id=None)
    schedule = Schedule.objects.create(name=name.strip(), time_zone=time_zone)
    payload: dict[str, JSON] = {"id": schedule.pk, "name": schedule.name, "time_zone": time_zone}
    record(SCHEDULES, "schedule.added", by=by, now=now, payload=payload)
    return schedule


def change_schedule(*, schedule_id: int, name: str, time_zone: str, by: Actor, now: datetime) -> Schedule:
    """Set a schedule's name and time zone; hand-overs move to the new zone's clock. Locks the schedule.

    Raises `BadInput` or `NotFound`.
    """
    schedule = lock_schedule(schedule_id)
    _check(name, time_zone, schedule_id=schedule_id)
    before: dict[str, JSON] = {"name": schedule.name, "time_zone": schedule.time_zone}
    after: dict[str, JSON] = {"name": name.strip(), "time_zone": time_zone}
    if before != after:
        schedule.name, schedule.time_zone = name.strip(), time_zone
        schedule.save(update_fields=["name", "time_zone"])
        payload: dict[str, JSON] = {"id": schedule.pk, **after, "from": before}
        record(SCHEDULES, "schedule.changed", by=by, now=now, payload=payload)
    return schedule


def remove_schedule(*, schedule_id: int, by: Actor, now: datetime) -> None:
    """Take a schedule away with its rotations and overrides. Raises `IllegalMove` while a tier or policy names it."""
    schedule = lock_schedule(schedule_id)
    payload: dict[str, JSON] = {"id": schedule.pk, "name": schedule.name}
    try:
        schedule.delete()
    except ProtectedError:
        sentence = f"“{payload['name']}” still stands in a tier or an escalation policy. Change that first."
        raise IllegalMove(sentence) from None
    record(SCHEDULES, "schedule.removed", by=by, now=now, payload=payload)


def lock_schedule(schedule_id: int) -> Schedule:
    """Return the schedule, row locked until the commit; raise `NotFound`."""
    schedule = Schedule.objects.select_for_update(no_key=True).filter(pk=schedule_id).first()
    if schedule is None:
        raise NotFound("There is no such schedule.")
    return schedule


def _check(name: str, time_zone: str, *, schedule_id: int | None) -> None:
    errors: dict[str, str] = {}
    if not name.strip():
        errors["name"] = "Give the schedule a name."
    elif Schedule.objects.filter(name=name.strip()).exclude(pk=schedule_id or 0).exists():
        errors["name"] = "There is a schedule of this name already."
    if time_zone not in available_timezones():
        errors["time_zone"] = "Choose a time zone such as Europe/Stockholm."
    if errors:
        raise BadInput("The schedule was not saved. " + " ".join(errors.values()), errors=errors)
