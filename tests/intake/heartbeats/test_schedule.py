"""When a job must report and when it is late: periods, cron expressions, zones, clocks that skip and repeat an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.rules.heartbeats import Schedule, cron_fault, due, late_at, next_expected, remind_at, upcoming
from intake.rules.heartbeats_given import LONGEST_S, faults
from intake.rules.spans import read_span, write_span

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that does something else at this moment is no fault of what is tested."""
STOCKHOLM, NEW_YORK, LORD_HOWE = "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "last", "expected"),
    [
        ("0 6 * * *", "UTC", "2026-11-21 06:12", "2026-11-22 06:00"),
        ("0 6 * * *", "UTC", "2026-11-22 06:00", "2026-11-23 06:00"),
        ("0 6 * * *", "UTC", "2026-11-22 05:59:59", "2026-11-22 06:00"),
        ("0 6 * * *", STOCKHOLM, "2026-11-21 12:00", "2026-11-22 05:00"),
        ("0 6 * * *", STOCKHOLM, "2026-07-21 12:00", "2026-07-22 04:00"),
        ("0 6 * * *", "Asia/Kathmandu", "2026-07-21 12:00", "2026-07-22 00:15"),
        ("0 6 * * 1-5", "UTC", "2026-11-20 06:01", "2026-11-23 06:00"),  # Friday to Monday
        ("*/15 * * * *", "UTC", "2026-11-22 03:07", "2026-11-22 03:15"),
        ("0 0 31 * *", "UTC", "2026-01-31 00:01", "2026-03-31 00:00"),
        ("0 0 L * *", "UTC", "2026-01-31 00:01", "2026-02-28 00:00"),
        ("0 0 L * *", "UTC", "2028-01-31 00:01", "2028-02-29 00:00"),
        ("0 0 29 2 *", "UTC", "2026-03-01 00:00", "2028-02-29 00:00"),
        ("0 0 1 * *", STOCKHOLM, "2026-11-15 00:00", "2026-11-30 23:00"),
        ("0 0 1 1 *", "UTC", "2026-01-01 00:00", "2027-01-01 00:00"),
    ],
)
def test_a_cron_expression_is_read_on_the_clocks_of_its_zone(cron: str, zone: str, last: str, expected: str) -> None:
    schedule = Schedule(cron=cron, time_zone=zone)
    assert next_expected(utc(last), schedule) == utc(expected)
    assert late_at(utc(last), schedule, timedelta(minutes=30)) == utc(expected) + timedelta(minutes=30)


SKIPPED_AND_DOUBLED = [
    # Stockholm skips 02:00 to 03:00 on 29 March: the job comes right after, once, then at its time again.
    ("30 2 * * *", STOCKHOLM, "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:30", "2026-03-31 00:30"]),
    ("0,30 2 * * *", STOCKHOLM, "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:00", "2026-03-30 00:30"]),
    ("0 3 * * *", STOCKHOLM, "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 01:00"]),
    ("30 * * * *", STOCKHOLM, "2026-03-29 00:00", ["2026-03-29 00:30", "2026-03-29 01:30", "2026-03-29 02:30"]),
    # It has 02:00 to 03:00 twice on 25 October: the job comes the first time.
    ("30 2 * * *", STOCKHOLM, "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30", "2026-10-27 01:30"]),
    ("30 2 * * *", STOCKHOLM, "2026-10-25 00:31", ["2026-10-26 01:30"]),
    ("30 2 * * *", STOCKHOLM, "2026-10-25 01:10", ["2026-10-26 01:30"]),  # in the second of the two hours
    ("30 2 * * *", STOCKHOLM, "2026-10-25 01:45", ["2026-10-26 01:30"]),
    ("30 * * * *", STOCKHOLM, "2026-10-25 00:00", ["2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:30"]),
    # New York, 8 March and 1 November.
    ("15 2 * * *", NEW_YORK, "2026-03-07 12:00", ["2026-03-08 07:00", "2026-03-09 06:15"]),
    ("15 1 * * *", NEW_YORK, "2026-10-31 12:00", ["2026-11-01 05:15", "2026-11-02 06:15"]),
    # Lord Howe Island moves by half an hour: 02:00 to 02:30 does not come on 4 October.
    ("15 2 * * *", LORD_HOWE, "2026-10-02 18:00", ["2026-10-03 15:30", "2026-10-04 15:15"]),
]


@pytest.mark.parametrize(("cron", "zone", "last", "expected"), SKIPPED_AND_DOUBLED)
def test_an_hour_that_is_skipped_or_comes_twice_expects_one_report(
    cron: str, zone: str, last: str, expected: list[str]
) -> None:
    found = upcoming(Schedule(cron=cron, time_zone=zone), after=utc(last), count=len(expected))
    assert found == [utc(each) for each in expected]


@PATIENT
@given(
    st.integers(0, 7 * 366 * 86_400).map(lambda seconds: utc("2024-01-01") + timedelta(seconds=seconds)),
    st.sampled_from(["30 2 * * *", "0,59 1-3 * * *", "*/20 2 * * *", "0 0 L * *", "5 4 * * SUN", "30 1 29 2 *"]),
    st.sampled_from([STOCKHOLM, NEW_YORK, LORD_HOWE, "UTC", "Pacific/Apia"]),
)
def test_what_is_expected_is_always_to_come(last: datetime, cron: str, zone: str) -> None:
    times = upcoming(Schedule(cron=cron, time_zone=zone), after=last, count=3)
    assert len(times) == 3
    assert last < times[0] < times[1] < times[2]


FIELDS = [
    *("*", "*/2", "*/0", "0", "5", "7", "31", "60", "1-5", "5-1", "1,2", "L", "LW", "L/2", "L,1", "LW,L/3", "L-1"),
    *("MON", "MON#1", "MON#6", "MON#1,2", "5L", "5L#2", "1L,2#3", "SUN-SAT", "JAN", "-", ",", "#", "/", "1/", "**"),
]


@PATIENT
@given(st.lists(st.sampled_from(FIELDS), min_size=5, max_size=5).map(" ".join))
def test_any_text_is_an_expression_or_has_a_fault_in_words(text: str) -> None:
    fault = cron_fault(text)
    assert fault.endswith(".") or next_expected(utc("2026-11-22"), Schedule(cron=text)) is not None


@pytest.mark.parametrize(
    ("cron", "word"),
    [
        ("0 6 * *", "five fields"),
        ("0 0 6 * * *", "five fields"),
        ("@daily", "five fields"),
        ("61 * * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 0 31 2 *", "day of the month"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * 8", "weekday"),
        ("0 0 30 2 MON#5", ""),
        (f"{'0,' * 60}0 6 * * *", "at most 100"),
    ],
)
def test_what_is_wrong_with_an_expression_is_said(cron: str, word: str) -> None:
    assert (word in cron_fault(cron)) if word else cron_fault(cron) == ""


def test_a_period_counts_from_the_last_report() -> None:
    schedule = Schedule(period_s=600)
    assert next_expected(utc("2026-11-22 03:00"), schedule) == utc("2026-11-22 03:10")
    assert late_at(utc("2026-11-22 03:00"), schedule, timedelta(seconds=30)) == utc("2026-11-22 03:10:30")


def test_a_start_is_waited_for_until_its_run_may_be_over() -> None:
    given_: dict[str, object] = {"last": utc("2026-11-21 06:10"), "grace": timedelta(minutes=30)}
    schedule, began = Schedule(cron="0 6 * * *"), utc("2026-11-22 06:01")
    limited = due(schedule=schedule, started_at=began, longest_run=timedelta(hours=2), **given_)  # type: ignore[arg-type]
    assert limited is not None
    assert (limited.late_at, limited.overrun) == (utc("2026-11-22 08:01"), True)
    measured = due(schedule=schedule, started_at=began, **given_)  # type: ignore[arg-type]
    assert measured is not None
    assert (measured.expected_at, measured.late_at) == (utc("2026-11-22 06:00"), utc("2026-11-22 06:30"))


def test_people_are_reminded_at_the_next_missed_report_and_at_most_each_hour() -> None:
    late = utc("2026-11-22 06:30")
    assert remind_at(late, Schedule(cron="0 6 * * *"), timedelta(minutes=30)) == utc("2026-11-23 06:30")
    assert remind_at(late, Schedule(period_s=10), timedelta(seconds=1)) == utc("2026-11-22 07:30")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"period_s": 0}, "period_s"),
        ({"period_s": LONGEST_S + 1}, "period_s"),
        ({"period_s": None}, "cron"),
        ({"cron": "0 6 * * *"}, "cron"),
        ({"period_s": None, "cron": "sometimes"}, "cron"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"grace_s": -1}, "grace_s"),
        ({"max_run_s": 0}, "max_run_s"),
    ],
)
def test_what_a_heartbeat_can_t_be_is_refused_by_field(wrong: dict[str, object], field: str) -> None:
    fine = {"name": "Backup", "period_s": 60, "cron": "", "time_zone": "UTC", "grace_s": 0, "max_run_s": None}
    assert faults(**fine) == {}  # type: ignore[arg-type]
    assert set(faults(**{**fine, **wrong})) == {field}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("30 s", 30),
        ("5 min", 300),
        ("5m", 300),
        ("1 h 30 min", 5400),
        ("2 hours", 7200),
        ("1d", 86_400),
        ("1 week", 604_800),
        ("0", 0),
        ("", None),
        ("soon", None),
        ("5 min later", None),
        ("-5", None),
        ("\u0665 min", None),
        ("1.5 h", None),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(text: str, seconds: int | None) -> None:
    assert read_span(text) == seconds


@PATIENT
@given(st.integers(0, LONGEST_S))
def test_a_written_length_is_read_back_to_the_second(seconds: int) -> None:
    assert read_span(write_span(seconds)) == seconds
