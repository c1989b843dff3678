"""Turns at providers that take only so many messages a second."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from notifications.rules.pacing import LONGEST_WAIT_S, next_turn, overdue, providers_needed, turns, wait_s
from tests.builders import NOW


def at(seconds: float) -> datetime:
    """Return the moment so many seconds after the start."""
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("per_s", "free_at_s", "expected"),
    [
        (1.0, None, 1),
        (1.0, -100.0, 1),  # an idle provider saves no turns up
        (1.0, 0.0, 1),
        (1.0, 0.2, 0),
        (10.0, None, 10),
        (10.0, -100.0, 10),
        (10.0, -0.4, 5),
        (10.0, 0.1, 0),
        (0.5, None, 1),
        (0.5, 1.9, 0),
        (1.0, 3600.0, 1),  # the clock was set back by an hour: nobody waits for that
        (10.0, 3600.0, 10),
    ],
)
def test_turns(per_s: float, free_at_s: float | None, expected: int) -> None:
    free_at = None if free_at_s is None else at(free_at_s)
    assert turns(per_s=per_s, free_at=free_at, now=NOW) == expected


def test_a_clock_that_was_set_back_holds_nobody_up() -> None:
    assert wait_s(per_s=1.0, free_at=at(3600), now=NOW) == 0
    assert next_turn(per_s=1.0, free_at=at(3600), taken=1, now=NOW) == at(1)
    assert wait_s(per_s=1.0, free_at=at(0.7), now=NOW) == pytest.approx(0.7)
    assert wait_s(per_s=1.0, free_at=at(-9), now=NOW) == wait_s(per_s=None, free_at=at(9), now=NOW) == 0


@given(
    per_s=st.sampled_from([0.5, 1.0, 3.0, 10.0]),
    looks_s=st.lists(st.floats(min_value=0.01, max_value=3), min_size=1, max_size=15),
)
@how(deadline=None)
def test_in_no_stretch_of_time_more_start_than_the_rate_allows(per_s: float, looks_s: list[float]) -> None:
    free_at, now, started = None, NOW, []
    for pause_s in looks_s:
        count = turns(per_s=per_s, free_at=free_at, now=now)
        if count:
            free_at = next_turn(per_s=per_s, free_at=free_at, taken=count, now=now)
        started += [now] * count
        now += timedelta(seconds=pause_s)
    for first, began in enumerate(started):
        for last in range(first, len(started)):
            stretch_s = (started[last] - began).total_seconds()
            assert last - first + 1 <= max(1.0, per_s) + stretch_s * per_s + 0.001


@pytest.mark.parametrize(
    ("waiting", "rates", "needed"),
    [
        (0, [1.0, 1.0], 1),
        (31, [1.0, 1.0], 1),
        (32, [1.0, 1.0], 2),
        (32, [1.0], 1),
        (300, [1.0, 1.0], 2),
        (300, [1.0, 1.0, None], 3),
        (300, [None, 1.0], 1),
    ],
)
def test_as_many_providers_are_used_as_it_takes_that_nobody_waits_too_long(
    waiting: int, rates: list[float | None], needed: int
) -> None:
    assert providers_needed([0.0] * waiting, rates=rates) == needed


def test_what_has_waited_already_counts() -> None:
    assert providers_needed([20.0] * 12, rates=[1.0, 1.0]) == 2
    assert overdue([29.0, 29.5, 29.5], rates=[1.0]) == [1, 2]


@given(
    waited_s=st.lists(st.floats(min_value=0, max_value=100), max_size=50),
    rates=st.lists(st.sampled_from([0.5, 1.0, 10.0, None]), min_size=1, max_size=3),
)
@how(deadline=None)
def test_whoever_is_not_told_to_go_another_way_has_their_turn_in_time(
    waited_s: list[float], rates: list[float | None]
) -> None:
    late = set(overdue(waited_s, rates=rates))
    together = sum(float("inf") if rate is None else rate for rate in rates)
    for place, waited in enumerate(waited_s):
        ahead_s = 0.0 if together == float("inf") else place / together
        assert (place in late) == (waited + ahead_s > LONGEST_WAIT_S)
