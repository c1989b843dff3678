"""When to try again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.retry import LONGEST_S, may_try_again, pause_s


@pytest.mark.parametrize(
    ("tries", "retry_after_s", "least", "most"),
    [
        (1, None, 2, 2.5),
        (2, None, 5, 6.25),
        (3, None, 15, 18.75),
        (4, None, 30, 37.5),
        (99, None, 120, 150),
        (1, 40.0, 40, 40),
        (4, 1.0, 30, 37.5),
        (1, 86_400.0, LONGEST_S, LONGEST_S),
    ],
)
def test_pauses_grow_and_honour_what_the_provider_asks(
    tries: int, retry_after_s: float | None, least: float, most: float
) -> None:
    assert pause_s(tries=tries, retry_after_s=retry_after_s, chance=0.0) == pytest.approx(least)
    assert least <= pause_s(tries=tries, retry_after_s=retry_after_s, chance=0.999) <= most


@given(tries=st.integers(-5, 1000), wished=st.none() | st.floats(-10, 1e9), chance=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_always_between_two_seconds_and_ten_minutes(tries: int, wished: float | None, chance: float) -> None:
    assert 2 <= pause_s(tries=tries, retry_after_s=wished, chance=chance) <= 600


def test_tries_end() -> None:
    assert [may_try_again(tries=tries, limit=3) for tries in (1, 2, 3, 4)] == [True, True, False, False]
