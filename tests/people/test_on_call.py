"""Tables for `people.rules.on_call`: rotations, overrides, and what clock changes do to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.rules.on_call import OverridePlan, RotationPlan, SchedulePlan, shifts, who_is_on_call

STOCKHOLM = "Europe/Stockholm"


def weekly(*people: str, zone: str = STOCKHOLM, wall: time = time(9), starts: date = date(2026, 1, 5)) -> SchedulePlan:
    return SchedulePlan(zone, (RotationPlan("weekly", 1, wall, starts, None, people),))


def daily(*people: str, zone: str = STOCKHOLM, wall: time = time(9), starts: date = date(2026, 1, 1)) -> SchedulePlan:
    return SchedulePlan(zone, (RotationPlan("daily", 1, wall, starts, None, people),))


def local(text: str, zone: str = STOCKHOLM, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T08:59:59", ()),  # before the first turn
        ("2026-01-05T09:00:00", ("otto",)),
        ("2026-01-12T08:59:59", ("otto",)),
        ("2026-01-12T09:00:00", ("olga",)),
        ("2026-01-19T09:00:00", ("otto",)),  # wraps
        ("2026-07-06T09:00:00", ("otto",)),  # summer time: still nine o'clock local
    ],
)
def test_weekly_rotation_hands_over_at_local_time(at: str, expected: tuple[str, ...]) -> None:
    assert who_is_on_call(weekly("otto", "olga"), local(at)) == expected


def test_hand_over_inside_the_ambiguous_hour_overlaps() -> None:
    # Stockholm leaves summer time on 25 October 2026: 02:30 happens twice.
    schedule = daily("otto", "olga", wall=time(2, 30), starts=date(2026, 10, 24))
    assert who_is_on_call(schedule, local("2026-10-25T02:29:59")) == ("otto",)
    assert who_is_on_call(schedule, local("2026-10-25T02:30:00")) == ("otto", "olga")
    assert who_is_on_call(schedule, local("2026-10-25T02:29:59", fold=1)) == ("otto", "olga")
    assert who_is_on_call(schedule, local("2026-10-25T02:30:00", fold=1)) == ("olga",)


def test_hand_over_inside_the_missing_hour_leaves_no_gap() -> None:
    # Stockholm enters summer time on 29 March 2026: 02:30 does not happen.
    schedule = daily("otto", "olga", wall=time(2, 30), starts=date(2026, 3, 28))
    before, after = local("2026-03-29T01:59:59"), local("2026-03-29T03:30:00")
    assert who_is_on_call(schedule, before) == ("otto",)
    assert who_is_on_call(schedule, after) == ("olga",)
    assert all(shift.people for shift in shifts(schedule, before, after))


def test_a_higher_rotation_wins_and_yields() -> None:
    base = RotationPlan("weekly", 1, time(9), date(2026, 1, 5), None, ("otto", "olga"))
    cover = RotationPlan("daily", 1, time(9), date(2026, 1, 7), date(2026, 1, 9), ("max",))
    schedule = SchedulePlan(STOCKHOLM, (base, cover))
    assert who_is_on_call(schedule, local("2026-01-07T08:59:00")) == ("otto",)
    assert who_is_on_call(schedule, local("2026-01-07T09:00:00")) == ("max",)
    assert who_is_on_call(schedule, local("2026-01-09T08:59:00")) == ("max",)
    assert who_is_on_call(schedule, local("2026-01-09T09:00:00")) == ("otto",)


def test_an_override_wins_within_its_half_open_time() -> None:
    start = local("2026-01-06T12:00:00")
    override = OverridePlan("mia", start, start + timedelta(hours=4))
    schedule = SchedulePlan(STOCKHOLM, weekly("otto", "olga").rotations, (override,))
    assert who_is_on_call(schedule, start - timedelta(seconds=1)) == ("otto",)
    assert who_is_on_call(schedule, start) == ("mia",)
    assert who_is_on_call(schedule, start + timedelta(hours=4)) == ("otto",)


def test_turns_of_several_weeks_and_nobody() -> None:
    fortnights = SchedulePlan("UTC", (RotationPlan("weekly", 2, time(0), date(2026, 1, 5), None, ("otto", "olga")),))
    assert who_is_on_call(fortnights, datetime(2026, 1, 18, 23, 59, tzinfo=UTC)) == ("otto",)
    assert who_is_on_call(fortnights, datetime(2026, 1, 19, tzinfo=UTC)) == ("olga",)
    assert who_is_on_call(SchedulePlan("UTC", ()), datetime(2026, 1, 1, tzinfo=UTC)) == ()
    assert who_is_on_call(weekly(), local("2026-01-07T12:00:00")) == ()


def test_shifts_show_a_gap_as_nobody() -> None:
    ends = RotationPlan("daily", 1, time(9), date(2026, 1, 5), date(2026, 1, 6), ("otto",))
    found = shifts(SchedulePlan("UTC", (ends,)), datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 7, tzinfo=UTC))
    assert [(shift.people, shift.starts_at.hour) for shift in found] == [((), 0), (("otto",), 9), ((), 9)]


ZONES = ["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "UTC"]


@given(
    zone=st.sampled_from(ZONES),
    wall=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    kind=st.sampled_from(["daily", "weekly"]),
    turn=st.integers(1, 3),
    offset=st.integers(0, 3 * 365 * 24 * 60),
)
def test_an_endless_rotation_never_has_a_gap(zone: str, wall: time, kind: str, turn: int, offset: int) -> None:
    rotation = RotationPlan(kind, turn, wall, date(2025, 1, 1), None, ("otto", "olga", "max"))  # type: ignore[arg-type]
    at = datetime(2025, 1, 2, 12, tzinfo=UTC) + timedelta(minutes=offset)
    people = who_is_on_call(SchedulePlan(zone, (rotation,)), at)
    assert 1 <= len(people) <= 2
