"""How numbers, times and names read."""

from __future__ import annotations

import pytest

from incidents.rules.numbers import headline, in_words, listed, severity_number
from incidents.rules.trouble import trouble_of


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (8.4, "8 s"),
        (60, "1 min"),
        (152, "2 min 32 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (187_300, "2 d 4 h"),
        (-5, "0 s"),
    ],
)
def test_a_duration_reads_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("name", "number"), [("SEV1", 1), ("sev4", 4), (" 2 ", 2), ("SEV5", None), ("bad", None), ("", None), ("²", None)]
)
def test_a_severity_is_understood_by_name_and_number(name: str, number: int | None) -> None:
    assert severity_number(name) == number


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["Ada"], "Ada"), (["Ada", "Vic"], "Ada and Vic"), (["Ada", "Vic", "Mia"], "Ada, Vic and Mia")],
)
def test_names_are_listed_as_people_do(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_a_private_title_stays_inside() -> None:
    assert headline(severity=1, number=1042, title="Break-in", private=False) == "SEV1 1042: Break-in"
    assert headline(severity=1, number=1042, title="Break-in", private=True) == "SEV1 1042: private incident"


def test_trouble_shows_the_worst_first_and_goes_when_all_is_well() -> None:
    worst = trouble_of(exhausted_tiers=["CEO"], unanswered=["Mail"], pages_say=["x"], standing="", paged=True)
    assert "Nobody answered for CEO" in worst
    unanswered = trouble_of(exhausted_tiers=[], unanswered=["Mail"], pages_say=["x"], standing="", paged=True)
    assert "“Mail”" in unanswered
    assert trouble_of(exhausted_tiers=[], unanswered=[], pages_say=["x", "x"], standing="", paged=True) == "x"
    assert trouble_of(exhausted_tiers=[], unanswered=[], pages_say=[], standing="Nobody", paged=False) == "Nobody"
    assert trouble_of(exhausted_tiers=[], unanswered=[], pages_say=[], standing="Nobody", paged=True) == ""
