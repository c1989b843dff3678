"""Reads of people, schedules and tiers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfoNotFoundError

import structlog
from django.db.models import Prefetch, Q, QuerySet

from people.models import ApiToken, Override, Person, Rotation, RotationMember, Schedule, Team, Tier
from people.models.token import digest_of
from people.rules.on_call import OverridePlan, RotationPlan, SchedulePlan, who_is_on_call

log = structlog.get_logger(__name__)


def schedule_plan(schedule: Schedule, *, around: datetime, reach: timedelta = timedelta(days=60)) -> SchedulePlan:
    """Return a schedule as data for the rules, with the overrides within `reach` of a moment.

    The override of somebody who left covers nobody: the rotation below it has the duty.
    """
    near = schedule.overrides.filter(ends_at__gt=around - reach, starts_at__lt=around + reach).select_related("person")
    return _plan(schedule, rotations=schedule.rotations.prefetch_related("places"), overrides=near)


def _plan(schedule: Schedule, *, rotations: Iterable[Rotation], overrides: Iterable[Override]) -> SchedulePlan:
    return SchedulePlan(
        schedule.time_zone,
        tuple(_rotation_plan(rotation) for rotation in rotations),
        tuple(OverridePlan(str(o.person_id), o.starts_at, o.ends_at) for o in overrides if o.person.is_active),
    )


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
    return _in_order(_named(schedule, schedule_plan(schedule, around=now), now))


def _named(schedule: Schedule, plan: SchedulePlan, now: datetime) -> tuple[str, ...]:
    try:
        return who_is_on_call(plan, now)
    except (ZoneInfoNotFoundError, ValueError):
        log.exception("schedule_not_worked_out", schedule=schedule.pk, time_zone=schedule.time_zone)
        return ()


def schedules_in_full(*, since: datetime) -> QuerySet[Schedule, Schedule]:
    """Return schedules by name, with rotations and their people in order, and the overrides not over at `since`.

    Five queries for any number of them.
    """
    places = Prefetch("places", RotationMember.objects.select_related("person"))
    rotations = Prefetch("rotations", Rotation.objects.prefetch_related(places))
    overrides = Prefetch("overrides", Override.objects.filter(ends_at__gt=since).select_related("person"))
    return Schedule.objects.prefetch_related(rotations, overrides).order_by("name")


def on_call_by_schedule(at: datetime) -> list[tuple[Schedule, list[Person]]]:
    """Return every schedule with whom it names at `at`; promises are those of `on_call_people`, in six queries."""
    schedules = list(schedules_in_full(since=at))
    named = {
        schedule.pk: _named(
            schedule, _plan(schedule, rotations=schedule.rotations.all(), overrides=schedule.overrides.all()), at
        )
        for schedule in schedules
    }
    people = {
        str(p.pk): p for p in Person.objects.active().filter(pk__in={id_ for ids in named.values() for id_ in ids})
    }
    return [(each, [people[id_] for id_ in named[each.pk] if id_ in people]) for each in schedules]


def people_named(names: Iterable[str]) -> dict[str, Person]:
    """Return whom ids or e-mail addresses name, also people who left, by the name given. One query."""
    wanted = list(dict.fromkeys(names))
    ids = [name for name in wanted if _is_id(name)]
    found = Person.objects.filter(Q(pk__in=ids) | Q(email__in=[name.lower() for name in wanted if name not in ids]))
    known = {key: person for person in found for key in (str(person.pk), person.email)}
    return {name: known[_plain(name)] for name in wanted if _plain(name) in known}


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _plain(name: str) -> str:
    return str(UUID(name)) if _is_id(name) else name.lower()


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
