"""When a bridge closes, and when PINs are looked at no more."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rooms.bridge.rules import FINISH, MOST_WRONG, MOST_WRONG_BY_NUMBER, TRIES_IN, closing, is_guessing
from tests.builders import NOW

SOON = NOW + FINISH
EARLIER = NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("is_open", "on_line", "closing_at", "expected"),
    [
        (True, True, None, None),
        (True, False, EARLIER, None),
        (False, False, None, NOW),
        (False, False, SOON, NOW),
        (False, False, EARLIER, EARLIER),
        (False, True, None, SOON),
        (False, True, SOON, SOON),
        (False, True, EARLIER, EARLIER),
    ],
)
def test_a_bridge_closes_with_its_incident_and_lets_people_finish(
    is_open: bool, on_line: bool, closing_at: datetime | None, expected: datetime | None
) -> None:
    assert closing(incident_open=is_open, anybody_on_line=on_line, closing_at=closing_at, now=NOW) == expected


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ([], False),
        ([("+1", NOW)] * (MOST_WRONG_BY_NUMBER - 1), False),
        ([("+1", NOW)] * MOST_WRONG_BY_NUMBER, True),
        ([("+2", NOW)] * MOST_WRONG_BY_NUMBER, False),
        ([("+1", NOW - TRIES_IN)] * MOST_WRONG_BY_NUMBER, False),
        ([(f"+{n}", NOW) for n in range(2, MOST_WRONG + 1)], False),
        ([(f"+{n}", NOW) for n in range(2, MOST_WRONG + 2)], True),
    ],
)
def test_guesses_by_number_and_in_all_are_counted(wrong: list[tuple[str, datetime]], expected: bool) -> None:
    assert is_guessing(wrong=wrong, number="+1", is_ours=False, now=NOW) is expected


def test_strangers_who_guess_keep_nobody_of_ours_out() -> None:
    strangers = [(f"+9{n}", NOW) for n in range(MOST_WRONG)]
    assert is_guessing(wrong=strangers, number="+1", is_ours=False, now=NOW)
    assert not is_guessing(wrong=strangers, number="+1", is_ours=True, now=NOW)
    own = [("+1", NOW)] * MOST_WRONG_BY_NUMBER
    assert is_guessing(wrong=own, number="+1", is_ours=True, now=NOW)
