"""Who is on call: pure arithmetic over rotations and overrides; asks no clock and no database.

A turn starts at the first occurrence of its local hand-over time and ends at the last occurrence of the next one
(GoAlert's rule): where clocks go back the ambiguous hour overlaps, so that nobody is missing; where they go forward
the missing time is the moment of the jump's far side, so that no gap opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

DAYS_PER_TURN: Final = {"daily": 1, "weekly": 7}


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """People (ids) taking turns of `turn_length` days or weeks from `starts_on`; `ends_on` is exclusive."""

    kind: Literal["daily", "weekly"]
    turn_length: int
    handover_at: time
    starts_on: date
    ends_on: date | None
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OverridePlan:
    """This person has the duty in [starts_at, ends_at), whatever the rotations say."""

    person: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """A schedule as data. Later rotations win over earlier ones; overrides win over all."""

    time_zone: str
    rotations: tuple[RotationPlan, ...]
    overrides: tuple[OverridePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """These people (none: a gap) hold the duty in [starts_at, ends_at)."""

    people: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime


def who_is_on_call(schedule: SchedulePlan, at: datetime) -> tuple[str, ...]:
    """Return the ids of those on call at `at` (aware): none in a gap, two in an ambiguous hour at a hand-over."""
    covering = tuple(o.person for o in schedule.overrides if o.starts_at <= at < o.ends_at)
    if covering:
        return _unique(covering)
    zone = ZoneInfo(schedule.time_zone)
    for rotation in reversed(schedule.rotations):
        people = _holders(rotation, zone, at)
        if people:
            return people
    return ()


def shifts(schedule: SchedulePlan, start: datetime, end: datetime) -> list[Shift]:
    """Return who holds the duty from `start` to `end` (aware), without holes: a gap is a shift of nobody."""
    zone = ZoneInfo(schedule.time_zone)
    moments = {start, end}
    for override in schedule.overrides:
        moments |= {override.starts_at, override.ends_at}
    for rotation in schedule.rotations:
        moments |= set(_boundaries(rotation, zone, start, end))
    inside = sorted(moment for moment in moments if start <= moment <= end)
    found: list[Shift] = []
    for begins, ends in pairwise(inside):
        people = who_is_on_call(schedule, begins)
        if found and found[-1].people == people:
            found[-1] = Shift(people, found[-1].starts_at, ends)
        else:
            found.append(Shift(people, begins, ends))
    return found


def _holders(rotation: RotationPlan, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    if not rotation.people:
        return ()
    days = DAYS_PER_TURN[rotation.kind] * rotation.turn_length
    near = (at.astimezone(zone).date() - rotation.starts_on).days // days
    holders = []
    for turn in range(max(near - 1, 0), near + 2):
        starts_on = rotation.starts_on + timedelta(days=turn * days)
        if rotation.ends_on is not None and starts_on >= rotation.ends_on:
            break
        ends_on = starts_on + timedelta(days=days)
        if rotation.ends_on is not None:
            ends_on = min(ends_on, rotation.ends_on)
        if _first(starts_on, rotation.handover_at, zone) <= at < _last(ends_on, rotation.handover_at, zone):
            holders.append(rotation.people[turn % len(rotation.people)])
    return _unique(tuple(holders))


def _boundaries(rotation: RotationPlan, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    days = DAYS_PER_TURN[rotation.kind] * rotation.turn_length
    first_turn = max((start.astimezone(zone).date() - rotation.starts_on).days // days, 0)
    day = rotation.starts_on + timedelta(days=first_turn * days)
    last = end.astimezone(zone).date() + timedelta(days=1)
    while day <= last and (rotation.ends_on is None or day < rotation.ends_on):
        yield _first(day, rotation.handover_at, zone)
        yield _last(day, rotation.handover_at, zone)
        day += timedelta(days=days)
    if rotation.ends_on is not None:
        yield _last(rotation.ends_on, rotation.handover_at, zone)


def _first(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def _last(day: date, wall: time, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, wall, zone)
    later = local.replace(fold=1).astimezone(UTC)
    # In a gap fold=1 names an instant before the jump; the turn before would end early and leave a hole.
    return max(local.astimezone(UTC), later)


def _unique(people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(people))
