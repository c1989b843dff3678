"""A schedule's days as a picture: every day as long as it is, every quarter of an hour somebody's or nobody's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from people.calendar import days_of
from people.models import Schedule
from people.rules.calendar import bounds, calendar
from people.rules.on_call import RotationPlan, SchedulePlan, shifts
from tests.builders import NOW, make_person, make_schedule

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def daily(*people: str, at: time = time(9)) -> SchedulePlan:
    """Return a schedule of daily turns since 1 January 2026."""
    rotation = RotationPlan(
        kind="daily", turn_length=1, handover_at=at, starts_on=date(2026, 1, 1), ends_on=None, people=people
    )
    return SchedulePlan("Europe/Stockholm", (rotation,))


@pytest.mark.parametrize(
    ("on", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24), (date(2026, 3, 28), 24)],
)
def test_a_day_is_as_long_as_clocks_make_it(on: date, hours: int) -> None:
    start, end = bounds(zone=STOCKHOLM, first=on, days=1)
    (day,) = calendar(shifts(daily("ada", "vic"), start, end), zone=STOCKHOLM, first=on, days=1)
    assert day.hours == hours
    assert sum(stretch.quarters for stretch in day.stretches) == day.quarters == 4 * hours
    assert [stretch.ends_at.hour for stretch in day.stretches] == [9, 0]


def test_the_first_stretch_of_a_short_day_is_an_hour_shorter() -> None:
    start, end = bounds(zone=STOCKHOLM, first=date(2026, 3, 28), days=2)
    saturday, sunday = calendar(
        shifts(daily("ada", "vic"), start, end), zone=STOCKHOLM, first=date(2026, 3, 28), days=2
    )
    assert [stretch.quarters for stretch in saturday.stretches] == [36, 60]
    assert [stretch.quarters for stretch in sunday.stretches] == [32, 60]


def test_odd_minutes_never_make_a_day_longer() -> None:
    start, end = bounds(zone=STOCKHOLM, first=date(2026, 11, 22), days=14)
    found = calendar(
        shifts(daily("ada", "vic", at=time(8, 52)), start, end), zone=STOCKHOLM, first=date(2026, 11, 22), days=14
    )
    assert {sum(stretch.quarters for stretch in day.stretches) for day in found} == {96}


@pytest.mark.django_db
def test_the_picture_names_people_and_shows_gaps() -> None:
    otto = make_person("Otto")
    schedule = make_schedule("Hosting", otto)
    rows = days_of(schedule, now=NOW)
    assert len(rows) == 14
    assert rows[0].cells[0].names == ["Otto"]
    otto.is_active = False
    otto.save()
    assert {cell.tint for row in days_of(schedule, now=NOW) for cell in row.cells} == {"gap"}


@pytest.mark.django_db
def test_longer_days_leave_room_beside_the_others() -> None:
    schedule = make_schedule("Hosting", make_person("Otto"))
    Schedule.objects.update(time_zone="Europe/Stockholm")
    schedule.refresh_from_db()
    rows = days_of(schedule, now=datetime(2027, 10, 30, 12, tzinfo=UTC))
    assert {(row.hours, row.rest) for row in rows} == {(24, 4), (25, 0)}
