"""Reads of people, schedules and tiers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, cast
from zoneinfo import ZoneInfoNotFoundError

import structlog

from people.models import ApiToken, Person, Rotation, Schedule, Team, Tier
from people.models.token import digest_of
from people.rules.on_call import OverridePlan, RotationPlan, SchedulePlan, who_is_on_call

log = structlog.get_logger(__name__)


def schedule_plan(schedule: Schedule, *, around: datetime, reach: timedelta = timedelta(days=60)) -> SchedulePlan:
    """Return a schedule as data for the rules, with the overrides within `reach` of a moment."""
    rotations = tuple(_rotation_plan(rotation) for rotation in schedule.rotations.prefetch_related("places"))
    near = schedule.overrides.filter(ends_at__gt=around - reach, starts_at__lt=around + reach)
    overrides = tuple(OverridePlan(str(o.person_id), o.starts_at, o.ends_at) for o in near)
    return SchedulePlan(schedule.time_zone, rotations, overrides)


def _rotation_plan(rotation: Rotation) -> RotationPlan:
    return RotationPlan(
        kind=cast('Literal["daily", "weekly"]', rotation.kind),
        turn_length=rotation.turn_length,
        handover_at=rotation.handover_at,
        starts_on=rotation.starts_on,
        ends_on=rotation.ends_on,
        people=tuple(str(place.person_id) for place in rotation.places.all()),
    )


def on_call_people(schedule_id: int, now: datetime) -> list[Person]:
    """Return the active people a schedule names at `now`.

    Empty when there is a gap, the schedule is gone, or its time zone does not exist (any more): an incident is declared
    all the same, calls whoever else there is, and the readiness report names the schedule.
    """
    schedule = Schedule.objects.filter(pk=schedule_id).first()
    if schedule is None:
        return []
    try:
        ids = who_is_on_call(schedule_plan(schedule, around=now), now)
    except (ZoneInfoNotFoundError, ValueError):
        log.exception("schedule_not_worked_out", schedule=schedule_id, time_zone=schedule.time_zone)
        return []
    return _in_order(ids)


def tier_people(tier_id: int, now: datetime) -> list[Person]:
    """Return the active people of a tier: its members in order, or whoever its schedule names at `now`."""
    tier = Tier.objects.filter(pk=tier_id).first()
    if tier is None:
        return []
    if tier.schedule_id is not None:
        return on_call_people(tier.schedule_id, now)
    return [seat.person for seat in tier.seats.select_related("person") if seat.person.is_active]


def tier_line(tier_id: int) -> list[Person]:
    """Return a tier's line of succession: active people, first one first."""
    tier = Tier.objects.filter(pk=tier_id).first()
    if tier is None:
        return []
    return [place.person for place in tier.succession.select_related("person") if place.person.is_active]


def team_people(team_id: int) -> list[Person]:
    """Return a team's active people in order."""
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        return []
    return [m.person for m in team.teammember_set.select_related("person") if m.person.is_active]


def person_of_token(token: str) -> Person | None:
    """Return whose API token this is; None for an unknown or revoked one or a person who left. One query."""
    found = (
        ApiToken.objects.filter(digest=digest_of(token), revoked_at=None, person__is_active=True)
        .select_related("person")
        .first()
    )
    return found.person if found else None


def _in_order(ids: tuple[str, ...]) -> list[Person]:
    people = {str(person.pk): person for person in Person.objects.active().filter(pk__in=ids)}
    return [people[key] for key in ids if key in people]
