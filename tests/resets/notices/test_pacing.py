"""How fast mails go out, as tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resets.notices.pacing import Rates, Share, left_s, rate_at, tokens_at
from tests.builders import NOW

RATES = Rates(start=10, most=50, double_every_s=600, domain=5)


@pytest.mark.parametrize(
    ("warm_s", "rate"), [(-5, 10), (0, 10), (599, 10), (600, 20), (1200, 40), (1800, 50), (10**9, 50)]
)
def test_the_rate_doubles_up_to_its_limit(warm_s: float, rate: float) -> None:
    assert rate_at(RATES, warm_s=warm_s) == rate


def test_what_is_not_used_is_kept_for_a_moment_only() -> None:
    assert tokens_at(0, elapsed_s=1, rate=10) == 10
    assert tokens_at(5, elapsed_s=1, rate=10) == 15
    assert tokens_at(5, elapsed_s=3600, rate=10) == 20
    assert tokens_at(5, elapsed_s=-10, rate=10) == 5
    assert tokens_at(0, elapsed_s=3600, rate=0.1) == 1, "a slow round sends at all"


@pytest.mark.parametrize(
    ("letters", "warm_s", "seconds"),
    [(0, 0, 0), (100, 0, 10), (6000, 0, 600), (6020, 0, 601), (500, 5000, 10), (6000 + 12000 + 24000 + 50, 0, 1801)],
)
def test_the_time_that_is_left_counts_the_warming_up(letters: int, warm_s: float, seconds: float) -> None:
    assert left_s(letters, RATES, warm_s=warm_s) == pytest.approx(seconds)


@given(count=st.integers(1, 400), rate=st.floats(0.5, 50))
def test_a_domain_gets_no_more_than_its_share(count: int, rate: float) -> None:
    share = Share(paced_until=NOW, booked_until=NOW)
    waiting: list[object] = []
    went = 0
    for _ in range(count):
        later = share.take(now=NOW, rate=rate)
        went += later is None
        if later is not None:
            waiting.append(later)
    assert went <= rate + 2, "a second's worth ahead, and the one that is due"
    assert waiting == sorted(waiting, key=str)
    assert len(set(waiting)) == len(waiting), "what is put off is spread"


def test_what_was_put_off_goes_at_its_time() -> None:
    share = Share(paced_until=NOW, booked_until=NOW)
    times = [share.take(now=NOW, rate=10) for _ in range(30)]
    late = [at for at in times if at is not None]
    assert len(late) > 10
    assert share.take(now=late[0], rate=10) is None
    assert share.take(now=late[-1] + timedelta(seconds=5), rate=10) is None
