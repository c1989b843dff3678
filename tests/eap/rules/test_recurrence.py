"""When schedules come next, also over changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from eap.rules.recurrence import Recurrence, next_after


def at(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("recurrence", "now", "then"),
    [
        (Recurrence(every="day", at=time(9), time_zone="UTC"), "2026-11-22T08:59", "2026-11-22T09:00"),
        (Recurrence(every="day", at=time(9), time_zone="UTC"), "2026-11-22T09:00", "2026-11-23T09:00"),
        (Recurrence(every="week", at=time(9), time_zone="UTC", weekday=0), "2026-11-22T10:00", "2026-11-23T09:00"),
        (Recurrence(every="week", at=time(9), time_zone="UTC", weekday=6), "2026-11-22T10:00", "2026-11-29T09:00"),
        (Recurrence(every="month", at=time(9), time_zone="UTC", day=31), "2026-11-22T10:00", "2026-11-30T09:00"),
        (Recurrence(every="month", at=time(9), time_zone="UTC", day=31), "2027-02-01T10:00", "2027-02-28T09:00"),
        (Recurrence(every="month", at=time(9), time_zone="UTC", day=1), "2026-11-22T10:00", "2026-12-01T09:00"),
        # In Stockholm clocks go from 2:00 to 3:00 on 28 March 2027, and from 3:00 to 2:00 on 31 October 2027.
        (Recurrence(every="day", at=time(9), time_zone="Europe/Stockholm"), "2027-03-27T12:00", "2027-03-28T07:00"),
        (Recurrence(every="day", at=time(2, 30), time_zone="Europe/Stockholm"), "2027-03-27T12:00", "2027-03-28T01:30"),
        (Recurrence(every="day", at=time(2, 30), time_zone="Europe/Stockholm"), "2027-10-30T12:00", "2027-10-31T00:30"),
        (Recurrence(every="day", at=time(2, 30), time_zone="Europe/Stockholm"), "2027-10-31T00:30", "2027-11-01T01:30"),
    ],
)
def test_the_next_time(recurrence: Recurrence, now: str, then: str) -> None:
    assert next_after(recurrence, at(now)) == at(then)
