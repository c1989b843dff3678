"""How hosts are cut into waves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eap.rules.waves import sizes, wave_of_each


@pytest.mark.parametrize(
    ("hosts", "canary", "waves", "found"),
    [
        (10, 1, (), [1, 9]),
        (10, 0, (), [0, 10]),
        (1, 1, (), [1]),
        (3, 5, (), [3]),
        (100, 2, ("10%", "50%"), [2, 10, 49, 39]),
        (100, 1, ("10", "20"), [1, 10, 20, 69]),
        (5, 1, ("100",), [1, 4]),
        (5, 1, ("1%",), [1, 1, 3]),
        (5, 1, ("0", "2"), [1, 2, 2]),
        (11, 1, ("50%", "50%"), [1, 5, 5]),
    ],
)
def test_sizes(hosts: int, canary: int, waves: tuple[str, ...], found: list[int]) -> None:
    assert sizes(hosts, canary=canary, waves=waves) == found


@given(
    hosts=st.integers(1, 500),
    canary=st.integers(0, 20),
    waves=st.lists(st.one_of(st.integers(0, 200).map(str), st.integers(1, 100).map("{}%".format)), max_size=6),
)
def test_every_host_has_one_wave_and_none_comes_before_an_earlier_one(
    hosts: int, canary: int, waves: list[str]
) -> None:
    found = wave_of_each(hosts, canary=canary, waves=waves)
    assert len(found) == hosts
    assert found == sorted(found)
    assert found.count(0) == min(canary, hosts)
