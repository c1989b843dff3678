"""How times read. The browser's `time.js` is held to the same table in tests/browser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import NOW
from web import moments

RELATIVE = [
    (timedelta(0), "just now"),
    (timedelta(seconds=-9.9), "just now"),
    (timedelta(seconds=9), "just now"),
    (timedelta(seconds=-10), "10 s ago"),
    (timedelta(seconds=-59.9), "59 s ago"),
    (timedelta(minutes=-1), "1 min ago"),
    (timedelta(minutes=-59, seconds=-59), "59 min ago"),
    (timedelta(hours=-1), "1 h ago"),
    (timedelta(hours=-25), "1 d ago"),
    (timedelta(days=-6, hours=-23), "6 d ago"),
    (timedelta(days=-7), None),
    (timedelta(seconds=30), "in 30 s"),
    (timedelta(minutes=17), "in 17 min"),
    (timedelta(hours=3), "in 3 h"),
    (timedelta(days=2), "in 2 d"),
    (timedelta(days=7), None),
]


@pytest.mark.parametrize(("between", "text"), RELATIVE)
def test_relative_counts_whole_units_in_both_directions(between: timedelta, text: str | None) -> None:
    assert moments.relative(NOW + between, NOW) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (9, "0:09"),
        (152, "2:32"),
        (3_599, "59:59"),
        (3_600, "1:00:00"),
        (86_399, "23:59:59"),
        (86_400, "1 d 0 h"),
        (273_600, "3 d 4 h"),
        (-5, "0:00"),
    ],
)
def test_clock_shows_the_units_that_matter(seconds: int, text: str) -> None:
    assert moments.clock(timedelta(seconds=seconds)) == text


def test_countdown_turns_into_how_late_it_is() -> None:
    assert moments.countdown(NOW + timedelta(seconds=90), NOW) == ("1:30", False)
    assert moments.countdown(NOW, NOW) == ("0:00 late", True)
    assert moments.countdown(NOW - timedelta(seconds=32), NOW) == ("0:32 late", True)
