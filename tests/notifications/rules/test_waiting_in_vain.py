"""Tables for the questions of `notifications.rules.escalation`: is there anybody left to wait for, what comes next."""

from __future__ import annotations

import pytest

from notifications.rules.escalation import is_hopeless, is_waiting_in_vain, next_place
from tests.notifications.rules.standings import level, policy, standing, successor


@pytest.mark.parametrize(
    ("states", "required", "hopeless"),
    [
        ({"ada": "called"}, 1, False),
        ({"ada": "declined"}, 1, True),
        ({"ada": "late"}, 1, True),
        ({"ada": "declined", "vic": "delivered"}, 1, False),
        ({"ada": "acknowledged", "vic": "called"}, 2, False),
        ({"ada": "acknowledged", "vic": "unreachable"}, 2, True),
        ({"ada": "behalf"}, 1, False),
    ],
)
def test_hopeless_is_when_those_called_cannot_be_enough(states: dict[str, str], required: int, hopeless: bool) -> None:
    assert is_hopeless(standing((1, 1), **states), required=required) is hopeless


@pytest.mark.parametrize(
    ("states", "vain"),
    [
        ({"vic": "called", "vera": "called"}, False),
        ({"vic": "unreachable", "vera": "called"}, True),  # quorum 2: a successor is needed already
        ({"vic": "acknowledged", "vera": "called"}, False),
        ({"vic": "acknowledged", "vera": "unreachable"}, True),
    ],
)
def test_waiting_is_in_vain_when_a_successor_is_needed(states: dict[str, str], vain: bool) -> None:
    line = policy(level("vic", "vera"), successor("mia"), required=2)
    assert is_waiting_in_vain(standing((1, 1), **states), policy=line) is vain


def test_an_ordinary_level_is_waited_out_while_anybody_may_answer() -> None:
    frozen = policy(level("vic", "vera"), level("mia"), required=2)
    assert not is_waiting_in_vain(standing((1, 1), vic="unreachable", vera="called"), policy=frozen)


@pytest.mark.parametrize(
    ("place", "expected"),
    [((0, 0), (1, 1)), ((1, 1), (2, 1)), ((2, 1), (3, 1)), ((3, 1), (1, 2)), ((3, 2), None)],
)
def test_places_follow_level_by_level_and_round_by_round(
    place: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    three = policy(level("ada"), level("vic"), level("mia"), rounds=2)
    assert next_place(three, level=place[0], round_=place[1]) == expected
