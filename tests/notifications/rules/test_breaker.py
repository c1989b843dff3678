"""When a provider is passed over, and who is tried instead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.rules.breaker import Standing, due_for_probe, next_after_failure, opens, preferred
from tests.builders import NOW

A, B, C = (Standing(provider=name) for name in "abc")
LATER = NOW + timedelta(seconds=30)


def passed_over(standing: Standing, *, probe_at: object = LATER) -> Standing:
    """Return the same provider with its breaker open."""
    return Standing(provider=standing.provider, open=True, probe_at=probe_at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("results", "configuration", "expected"),
    [
        ([], False, False),
        (["temporary"] * 4, False, False),
        (["temporary"] * 5, False, True),
        (["temporary", "unknown", "not_found", "no_receipt", "temporary"], False, True),
        (["accepted", "temporary"] * 5, False, True),
        (["accepted"] * 6 + ["temporary"] * 4, False, False),
        (["accepted"] * 6 + ["temporary"] * 9, False, False),  # the last ten count, not what was before
        (["permanent"] * 10, False, False),  # numbers that do not exist say nothing about the provider
        (["permanent"], True, True),
        (["accepted"] * 10, True, True),
    ],
)
def test_it_opens_on_too_many_failures_and_at_once_on_a_wrong_configuration(
    results: list[str], configuration: bool, expected: bool
) -> None:
    assert opens(results, configuration=configuration) is expected


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([A], "a"),
        ([A, B], "a"),
        ([passed_over(A), B], "b"),
        ([passed_over(A), passed_over(B), C], "c"),
        ([passed_over(A), passed_over(B)], "a"),  # nothing is withheld: the best one is used all the same
    ],
)
def test_the_first_whose_breaker_is_closed_is_preferred(standings: list[Standing], expected: str) -> None:
    assert preferred(standings).provider == expected


def test_a_provider_is_probed_when_its_time_has_come() -> None:
    standings = [passed_over(A), B, passed_over(C, probe_at=NOW)]
    assert [each.provider for each in due_for_probe(standings, now=NOW)] == ["c"]
    assert [each.provider for each in due_for_probe(standings, now=LATER)] == ["a", "c"]


@pytest.mark.parametrize(
    ("standings", "tries", "expected"),
    [
        ([A], {"a": 1}, ("a", False)),
        ([A, B], {"a": 1}, ("b", True)),
        ([A, B, C], {"a": 1, "b": 1}, ("c", True)),
        ([A, B], {"a": 1, "b": 1}, ("a", False)),
        ([A, B], {"a": 2, "b": 1}, ("b", False)),
        ([passed_over(A), B], {"a": 1, "b": 1}, ("b", False)),
        ([A, passed_over(B), C], {"a": 1}, ("c", True)),
        ([A, passed_over(B)], {"a": 1}, ("b", True)),  # a turn of its own before anybody gets a second one
    ],
)
def test_each_provider_has_its_turn_at_once_and_then_the_least_tried(
    standings: list[Standing], tries: dict[str, int], expected: tuple[str, bool]
) -> None:
    assert next_after_failure(standings, tries=tries) == expected
