"""Uptime by tables, across changes of clocks, and by properties that hold for any timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.rules.impact import SEVERITY, Span, Step, spans
from statuspage.rules.uptime import Day, daily, mean, record_begins, shown, uptime

BERLIN: Final = ZoneInfo("Europe/Berlin")
UTC_ZONE: Final = ZoneInfo("UTC")
NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD: Final = datetime(2020, 1, 1, tzinfo=UTC)
DAY_S: Final = 86_400


def span(status: str, start: datetime, minutes: float | None) -> Span:
    return Span(start=start, end=None if minutes is None else start + timedelta(minutes=minutes), status=status)


class TestDays:
    """Where the seconds fall."""

    def test_a_quiet_record_is_ninety_days_and_today_counts_up_to_now(self) -> None:
        days = daily([], begins=OLD, now=NOON, zone=UTC_ZONE)
        assert (len(days), days[0].day, days[-1].day) == (90, date(2026, 8, 25), date(2026, 11, 22))
        assert {day.worst for day in days} == {"operational"}
        assert [day.counted_s for day in days] == [DAY_S] * 89 + [DAY_S // 2]

    def test_trouble_over_midnight_falls_on_both_days_of_the_pages_zone(self) -> None:
        start = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 23:30 in Berlin
        days = daily([span("major_outage", start, 60)], begins=OLD, now=NOON, zone=BERLIN)
        found = {day.day: (day.major_s, day.worst) for day in days if day.major_s}
        assert found == {date(2026, 11, 20): (1800, "major_outage"), date(2026, 11, 21): (1800, "major_outage")}

    def test_each_state_is_summed_by_itself_and_the_worst_named(self) -> None:
        morning = datetime(2026, 11, 21, 6, tzinfo=UTC)
        trouble = [
            span("under_maintenance", morning, 10),
            span("degraded_performance", morning + timedelta(hours=1), 20),
            span("partial_outage", morning + timedelta(hours=2), 30),
            span("degraded_performance", morning + timedelta(hours=3), 5),
            span("operational", morning + timedelta(hours=4), 60),
        ]
        day = daily(trouble, begins=OLD, now=NOON, zone=UTC_ZONE)[-2]
        assert day == Day(
            day=date(2026, 11, 21),
            counted_s=DAY_S,
            maintenance_s=600,
            degraded_s=1500,
            partial_s=1800,
            worst="partial_outage",
        )

    def test_what_goes_on_counts_up_to_now(self) -> None:
        days = daily([span("partial_outage", NOON - timedelta(hours=1), None)], begins=OLD, now=NOON, zone=UTC_ZONE)
        assert days[-1].partial_s == 3600

    def test_before_its_record_a_component_counts_nothing(self) -> None:
        begins = datetime(2026, 11, 20, 18, tzinfo=UTC)
        trouble = [span("major_outage", begins - timedelta(hours=2), 180)]
        days = daily(trouble, begins=begins, now=NOON, zone=UTC_ZONE)
        assert [(day.worst, day.counted_s, day.major_s) for day in days[-4:]] == [
            ("", 0, 0),
            ("major_outage", 6 * 3600, 3600),
            ("operational", DAY_S, 0),
            ("operational", DAY_S // 2, 0),
        ]

    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)]
    )
    def test_a_day_on_which_clocks_change_has_23_or_25_hours(self, day: date, hours: int) -> None:
        now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=2)
        always = [span("major_outage", OLD, None)]
        found = next(each for each in daily(always, begins=OLD, now=now, zone=BERLIN) if each.day == day)
        assert (found.counted_s, found.major_s) == (hours * 3600, hours * 3600)

    def test_a_start_date_begins_at_its_midnight_in_the_pages_zone(self) -> None:
        created = datetime(2026, 11, 1, tzinfo=UTC)
        begins = record_begins(start_date=date(2026, 10, 1), created_at=created, zone=BERLIN)
        assert begins == datetime(2026, 9, 30, 22, tzinfo=UTC)
        assert record_begins(start_date=None, created_at=created, zone=BERLIN) == created


def day(**seconds: int) -> Day:
    return Day(day=date(2026, 11, 21), **{"counted_s": DAY_S, "worst": "operational", **seconds})  # type: ignore[arg-type]


class TestFigures:
    """The rule, as it is printed."""

    @pytest.mark.parametrize(
        ("of", "excluded", "included"),
        [
            (day(), 100.0, 100.0),
            (day(major_s=DAY_S), 0.0, 0.0),
            (day(partial_s=DAY_S), 70.0, 70.0),
            (day(degraded_s=DAY_S), 100.0, 100.0),
            (day(maintenance_s=DAY_S // 2), 100.0, 50.0),
            (day(maintenance_s=DAY_S // 2, major_s=DAY_S // 4), 50.0, 25.0),
            (day(maintenance_s=DAY_S // 2, partial_s=DAY_S // 2), 70.0, 35.0),
            (day(maintenance_s=DAY_S), None, 0.0),
            (Day(day=date(2026, 11, 21)), None, None),
        ],
    )
    def test_the_rule(self, of: Day, excluded: float | None, included: float | None) -> None:
        assert uptime([of], maintenance_included=False) == (None if excluded is None else pytest.approx(excluded))
        assert uptime([of], maintenance_included=True) == (None if included is None else pytest.approx(included))

    def test_no_day_at_all_is_no_figure(self) -> None:
        assert uptime([], maintenance_included=True) is None

    @pytest.mark.parametrize(
        ("figures", "expected"), [([], None), ([None], None), ([100.0, None], 100.0), ([100.0, 99.0], 99.5)]
    )
    def test_a_group_is_the_mean_of_its_components(self, figures: list[float | None], expected: float | None) -> None:
        assert mean(figures) == expected

    @pytest.mark.parametrize(
        ("figure", "written"),
        [
            (None, ""),
            (100.0, "100"),
            (99.999999, "99.99"),
            (99.7, "99.70"),
            (99.995, "99.99"),
            (99.99, "99.99"),
            (0.0, "0.00"),
            (70.0, "70.00"),
        ],
    )
    def test_a_figure_is_cut_off_so_that_only_what_never_failed_reads_100(
        self, figure: float | None, written: str
    ) -> None:
        assert shown(figure) == written


moments = st.integers(min_value=0, max_value=100 * DAY_S).map(lambda back: NOON - timedelta(seconds=back))
steps = st.lists(
    st.builds(
        Step,
        at=moments,
        source=st.sampled_from(["", "a", "b"]),
        status=st.sampled_from(sorted(SEVERITY)),
        order=st.integers(min_value=0, max_value=5),
    ),
    max_size=25,
)


class TestAnyTimeline:
    """What holds for every timeline."""

    @settings(deadline=None)
    @given(steps=steps, begins=moments, zone=st.sampled_from([UTC_ZONE, BERLIN, ZoneInfo("America/St_Johns")]))
    def test_no_second_is_counted_twice_or_lost(self, steps: list[Step], begins: datetime, zone: ZoneInfo) -> None:
        found = spans(steps)
        days = daily(found, begins=begins, now=NOON, zone=zone)
        for each in days:
            trouble = each.degraded_s + each.partial_s + each.major_s + each.maintenance_s
            assert 0 <= trouble <= each.counted_s <= 25 * 3600
            assert (each.worst not in ("", "operational")) == (trouble > 0)
        first = datetime.combine(days[0].day, datetime.min.time(), tzinfo=zone)
        since = max(begins, first.astimezone(UTC))
        assert sum(each.counted_s for each in days) == max(0, round((NOON - since).total_seconds()))
        for status, name in (("major_outage", "major_s"), ("under_maintenance", "maintenance_s")):
            expected = sum(
                max(0, round(((each.end or NOON) - max(each.start, since)).total_seconds()))
                for each in found
                if each.status == status
            )
            assert sum(getattr(each, name) for each in days) == expected

    @settings(deadline=None)
    @given(steps=steps)
    def test_both_figures_stay_within_0_and_100(self, steps: list[Step]) -> None:
        days = daily(spans(steps), begins=OLD, now=NOON, zone=UTC_ZONE)
        excluded = uptime(days, maintenance_included=False)
        included = uptime(days, maintenance_included=True)
        assert included is not None
        assert 0.0 <= included <= 100.0
        if excluded is not None:
            assert -1e-9 <= excluded <= 100.0
        if not any(each.maintenance_s for each in days):
            assert included == excluded
