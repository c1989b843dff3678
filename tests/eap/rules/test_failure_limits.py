"""The one rule of when a fan-out stops, as a table."""

from __future__ import annotations

import pytest

from eap.rules.failure_limits import Limit, Tally, allowed, exceeded, why_stop

NONE = Limit()


@pytest.mark.parametrize(
    ("limit", "hosts", "most"),
    [
        (NONE, 50, None),
        (Limit(failures=0), 50, 0),
        (Limit(failures=3), 50, 3),
        (Limit(percent=0), 50, 0),
        (Limit(percent=10), 50, 5),
        (Limit(percent=10), 59, 5),
        (Limit(percent=10), 60, 6),
        (Limit(percent=10), 9, 0),
        (Limit(percent=100), 7, 7),
        (Limit(percent=33.3), 1000, 333),
        (Limit(percent=0.1), 1000, 1),
        (Limit(percent=0.1), 999, 0),
        (Limit(percent=29), 100, 29),  # 0.29 * 100 is 28.999999999999996 in binary
        (Limit(failures=3, percent=10), 100, 3),
        (Limit(failures=30, percent=10), 100, 10),
        (Limit(percent=10), 0, 0),
    ],
)
def test_how_many_may_fail(limit: Limit, hosts: int, most: int | None) -> None:
    assert allowed(limit, hosts) == most


@pytest.mark.parametrize(
    ("limit", "failed", "stops"),
    [
        (Limit(percent=10), 5, False),
        (Limit(percent=10), 6, True),
        (Limit(failures=0), 0, False),
        (Limit(failures=0), 1, True),
        (NONE, 50, False),
        (Limit(percent=100), 50, False),
    ],
)
def test_it_stops_when_more_failed_of_fifty(limit: Limit, failed: int, stops: bool) -> None:
    assert exceeded(limit, Tally(hosts=50, failed=failed)) is stops


@pytest.mark.parametrize(
    ("wave", "in_wave", "in_all", "wave_limit", "total_limit", "says"),
    [
        (0, (2, 1), (50, 1), NONE, NONE, "in the canary; there any failure stops"),
        (0, (2, 0), (50, 0), NONE, NONE, ""),
        (0, (2, 1), (50, 1), Limit(failures=5), Limit(failures=5), "in the canary"),
        (1, (10, 2), (50, 2), Limit(failures=1), NONE, "2 of 10 failed in wave 1; 1 were allowed there."),
        (1, (10, 1), (50, 1), Limit(failures=1), NONE, ""),
        (2, (10, 1), (50, 4), Limit(failures=1), Limit(failures=3), "4 of 50 failed in all; 3 were allowed."),
        (2, (10, 1), (50, 3), Limit(failures=1), Limit(failures=3), ""),
        (3, (10, 10), (50, 10), NONE, NONE, ""),
    ],
)
def test_why_a_fan_out_stops(
    wave: int,
    in_wave: tuple[int, int],
    in_all: tuple[int, int],
    wave_limit: Limit,
    total_limit: Limit,
    says: str,
) -> None:
    sentence = why_stop(
        wave=wave,
        in_wave=Tally(hosts=in_wave[0], failed=in_wave[1]),
        in_all=Tally(hosts=in_all[0], failed=in_all[1]),
        wave_limit=wave_limit,
        total_limit=total_limit,
    )
    assert says in sentence
    assert bool(sentence) is bool(says)
