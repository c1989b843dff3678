"""What timelines say: the worst of what each source says last; and how bad that makes an incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.rules.impact import SEVERITY, Span, Step, impact_of, spans, status_at, worse_impact, worst

START: Final = datetime(2026, 11, 22, 3, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def step(minutes: float, status: str, source: str = "a", order: int = 0) -> Step:
    return Step(at=at(minutes), source=source, status=status, order=order)


def test_the_worst_of_all_sources_counts() -> None:
    timeline = [
        step(0, "degraded_performance"),
        step(10, "major_outage", "b"),
        step(20, "under_maintenance", ""),
        step(30, "operational", "b"),
        step(40, "operational"),
        step(50, "operational", ""),
    ]
    said = {minute: status_at(timeline, at(minute)) for minute in (-1, 0, 9, 10, 29, 30, 40, 50)}
    assert said == {
        -1: "operational",
        0: "degraded_performance",
        9: "degraded_performance",
        10: "major_outage",
        29: "major_outage",
        30: "degraded_performance",
        40: "under_maintenance",
        50: "operational",
    }
    assert [(each.start, each.end, each.status) for each in spans(timeline)] == [
        (at(0), at(10), "degraded_performance"),
        (at(10), at(30), "major_outage"),
        (at(30), at(40), "degraded_performance"),
        (at(40), at(50), "under_maintenance"),
        (at(50), None, "operational"),
    ]


def test_of_two_at_one_moment_the_later_row_counts_whatever_the_order_they_are_read_in() -> None:
    timeline = [step(0, "operational", order=2), step(0, "major_outage", order=1)]
    assert status_at(timeline, at(0)) == "operational"
    assert spans(timeline) == [Span(start=at(0), end=None, status="operational")]


def test_nothing_said_is_operational() -> None:
    assert (worst([]), spans([]), status_at([], START)) == ("operational", [], "operational")


steps = st.lists(
    st.builds(
        Step,
        at=st.integers(min_value=0, max_value=50).map(at),
        source=st.sampled_from(["", "a", "b"]),
        status=st.sampled_from(sorted(SEVERITY)),
        order=st.integers(min_value=0, max_value=50),
    ),
    max_size=20,
    unique_by=lambda step: (step.at, step.order),
)


@given(steps=steps, minute=st.integers(min_value=-1, max_value=60))
def test_stretches_say_what_the_timeline_says_at_any_moment(steps: list[Step], minute: int) -> None:
    found = spans(steps)
    of = [each for each in found if each.start <= at(minute) and (each.end is None or at(minute) < each.end)]
    assert len(of) <= 1
    assert (of[0].status if of else "operational") == status_at(steps, at(minute))
    assert all(first.end == second.start for first, second in pairwise(found))
    assert all(first.status != second.status for first, second in pairwise(found))


@pytest.mark.parametrize(
    ("statuses", "shown", "impact"),
    [
        ([], 5, "none"),
        (["operational", "under_maintenance"], 5, "none"),
        (["degraded_performance"], 5, "minor"),
        (["degraded_performance", "partial_outage"], 5, "major"),
        (["major_outage"], 5, "major"),
        (["major_outage"] * 4, 5, "major"),
        (["major_outage"] * 5, 5, "critical"),
        (["major_outage"], 1, "critical"),
        (["major_outage", "degraded_performance"], 2, "major"),
        (["degraded_performance"], 0, "minor"),
    ],
)
def test_how_bad_an_incident_is(statuses: list[str], shown: int, impact: str) -> None:
    assert impact_of(statuses, shown=shown) == impact


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("none", "minor", "minor"), ("critical", "minor", "critical"), ("major", "major", "major")],
)
def test_it_stays_what_it_was_at_its_worst(first: str, second: str, expected: str) -> None:
    assert worse_impact(first, second) == expected
