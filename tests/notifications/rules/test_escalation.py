"""Tables for `notifications.rules.escalation`: where a page stands, and whom it calls next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.escalation import Answering, Standing, Step, next_step
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy
from tests.notifications.rules.standings import EARLIER, NOW, level, policy, standing, successor

UNREACHABLE = {"nora"}


def people_of(level_: FrozenLevel) -> Sequence[str]:
    return [target.id for target in level_.targets]


def can_reach(person: str, /) -> bool:
    return person not in UNREACHABLE


def step(stand: Standing, frozen: FrozenPolicy, *, time_over: bool = True, skip: frozenset[str] = frozenset()) -> Step:
    return next_step(
        stand,
        policy=frozen,
        people_of=people_of,
        can_reach=can_reach,
        now=NOW,
        time_over=time_over,
        skip=skip,
    )


def called(result: Step) -> list[tuple[int, int, str]]:
    """Return (level, round, people in one word) for each level that called somebody."""
    return [(call.level, call.round, " ".join(call.people)) for call in result.calls if call.people]


THREE = policy(level("ada"), level("vic"), level("mia", delay_s=600), rounds=2)


@pytest.mark.parametrize(
    ("stand", "expected", "minutes", "late"),
    [
        (standing(), [(1, 1, "ada")], 5, ""),
        (standing((1, 1), ada="called"), [(2, 1, "vic")], 5, "ada"),
        (standing((1, 1), ada="delivered"), [(2, 1, "vic")], 5, "ada"),
        (standing((2, 1), ada="late", vic="called"), [(3, 1, "mia")], 10, "vic"),
        # the second round calls the silent ones again
        (standing((3, 1), ada="late", vic="late", mia="called"), [(1, 2, "ada")], 5, "mia"),
        # who declined is not called again in this search; the next one is called in their place
        (standing((3, 1), ada="declined", vic="late", mia="called"), [(2, 2, "vic")], 5, "mia"),
        # an answer on somebody's behalf does not count: their turn comes again
        (standing((3, 1), ada="behalf", vic="late", mia="called"), [(1, 2, "ada")], 5, "mia"),
    ],
)
def test_levels_follow_each_other(
    stand: Standing, expected: list[tuple[int, int, str]], minutes: int, late: str
) -> None:
    result = step(stand, THREE)
    assert called(result) == expected
    assert result.next_step_at == NOW + timedelta(minutes=minutes)
    assert result.late == frozenset(late.split())


def test_after_the_last_round_it_is_exhausted() -> None:
    result = step(standing((3, 2), mia="called"), THREE)
    assert result.exhausted
    assert result.calls == ()
    assert result.late == {"mia"}


@pytest.mark.parametrize(
    "frozen",
    [policy(), policy(level()), policy(level(), level(), rounds=3), policy(level("nora"), rounds=3)],
    ids=["no levels", "an empty level", "empty levels only", "nobody with a contact method"],
)
def test_a_policy_that_reaches_nobody_is_exhausted_at_once(frozen: FrozenPolicy) -> None:
    assert step(standing(), frozen).exhausted


def test_an_empty_level_is_said_and_the_next_one_called_at_once() -> None:
    result = step(standing(), policy(level(), level("vic")))
    assert [(call.level, call.nobody) for call in result.calls] == [(1, True), (2, False)]
    assert called(result) == [(2, 1, "vic")]
    assert result.next_step_at == NOW + timedelta(minutes=5)


def test_an_empty_last_level_leads_to_the_next_round_at_once() -> None:
    result = step(standing((1, 1), ada="called"), policy(level("ada"), level(), rounds=2))
    assert called(result) == [(1, 2, "ada")]


def test_somebody_without_contact_method_does_not_hold_up_the_page() -> None:
    result = step(standing(), policy(level("nora"), level("vic")))
    assert result.calls[0].unreachable == ("nora",)
    assert not result.calls[0].nobody
    assert called(result) == [(2, 1, "vic")]


def test_a_reachable_neighbour_is_given_the_levels_time() -> None:
    result = step(standing(), policy(level("nora", "ada"), level("vic")))
    assert result.calls[0].unreachable == ("nora",)
    assert called(result) == [(1, 1, "ada")]


def test_downtime_calls_every_missed_level_once_and_gives_full_time() -> None:
    late_by = timedelta(minutes=11)
    result = step(
        replace(standing(), next_step_at=NOW - late_by),
        policy(level("ada"), level("ada", "vic"), level("mia"), level("max")),
    )
    assert called(result) == [(1, 1, "ada"), (2, 1, "vic"), (3, 1, "mia")]
    assert result.next_step_at == NOW + timedelta(minutes=5)


def test_downtime_alone_neither_skips_a_round_nor_exhausts() -> None:
    result = step(
        replace(standing(), next_step_at=NOW - timedelta(days=2)), policy(level("ada"), level("vic"), rounds=3)
    )
    assert called(result) == [(1, 1, "ada"), (2, 1, "vic")]
    assert not result.exhausted


@pytest.mark.parametrize(
    ("place", "states", "required", "expected"),
    [
        # one successor per missing answer, no more
        ((1, 1), {"vic": "called", "vera": "called"}, 1, [(2, 1, "mia")]),
        ((1, 1), {"vic": "called", "vera": "called"}, 2, [(2, 1, "mia"), (3, 1, "max")]),
        ((1, 1), {"vic": "acknowledged", "vera": "called"}, 2, [(2, 1, "mia")]),
        # the first successor is late: the next one
        ((2, 1), {"vic": "late", "vera": "late", "mia": "called"}, 1, [(3, 1, "max")]),
        # the line is used up: everybody, however many are missing
        ((3, 1), {"vic": "late", "mia": "late", "max": "called"}, 2, [(4, 1, "vic vera ada")]),
        # at the start the tier has too few people: the line is called with it
        ((0, 0), {}, 3, [(1, 1, "vic vera"), (2, 1, "mia")]),
    ],
)
def test_the_line_of_succession_fills_what_is_missing(
    place: tuple[int, int], states: dict[str, str], required: int, expected: list[tuple[int, int, str]]
) -> None:
    line = policy(
        level("vic", "vera"), successor("mia"), successor("max"), level("vic", "vera", "ada"), required=required
    )
    assert called(step(standing(place, **states), line)) == expected


def test_a_decline_calls_the_successor_and_leaves_the_other_their_time() -> None:
    line = policy(level("vic", "vera"), successor("mia"), required=2)
    result = step(standing((1, 1), vic="declined", vera="called"), line, time_over=False)
    assert called(result) == [(2, 1, "mia")]
    assert result.late == frozenset()


def test_an_early_call_never_starts_a_new_round_over_somebody_who_may_still_answer() -> None:
    due = NOW + timedelta(minutes=3)
    stand = replace(standing((1, 1), vic="declined", vera="called"), next_step_at=due)
    result = step(stand, policy(level("vic", "vera"), rounds=3, required=2), time_over=False)
    assert result.calls == ()
    assert result.next_step_at == due


def test_when_everybody_declined_nothing_is_waited_for() -> None:
    assert step(standing((1, 1), ada="declined"), policy(level("ada"), rounds=3), time_over=False).exhausted


def test_who_escalates_is_not_called_by_it() -> None:
    frozen = policy(level("ada"), level("ada", "vic"), rounds=2)
    result = step(standing((1, 1), ada="late"), frozen, skip=frozenset({"ada"}))
    assert called(result) == [(2, 1, "vic")]


def test_a_last_level_without_delay_leaves_time_to_answer() -> None:
    result = step(standing(), policy(level("ada", delay_s=0), level("vic", delay_s=0), rounds=3))
    assert called(result) == [(1, 1, "ada"), (2, 1, "vic")]
    assert result.next_step_at == NOW + timedelta(seconds=60)


def test_answers_from_before_the_present_search_do_not_count() -> None:
    stand = Standing(
        level=1,
        round=1,
        next_step_at=NOW,
        paging_since=NOW,
        responders=(
            Answering(person="ada", state="acknowledged", called_at=EARLIER, answered_at=EARLIER),
            Answering(person="vic", state="called", called_at=EARLIER),
        ),
    )
    assert stand.confirmed() == stand.waiting_for() == frozenset()
    assert called(step(stand, policy(level("mia"), level("ada")))) == [(2, 1, "ada")]


@given(
    sizes=st.lists(st.lists(st.sampled_from(["ada", "vic", "mia", "nora"]), max_size=3, unique=True), max_size=4),
    rounds=st.integers(min_value=1, max_value=3),
    required=st.integers(min_value=1, max_value=3),
    lines=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_every_page_ends_and_calls_everybody_it_can_first(
    sizes: list[list[str]], rounds: int, required: int, lines: list[bool]
) -> None:
    """Left alone, any policy is exhausted after at most all its places, having called everybody who can be reached."""
    levels = tuple(level(*people, until_enough=lines[at]) for at, people in enumerate(sizes))
    frozen = policy(*levels, rounds=rounds, required=required)
    place, reached, steps, states = (0, 0), set[str](), 0, dict[str, str]()
    while True:
        result = step(standing(place, **states), frozen)
        steps += 1
        reached |= {person for call in result.calls for person in call.people}
        if result.exhausted:
            break
        states = {person: "called" for call in result.calls for person in call.people}
        place = (result.level, result.round)
        assert steps <= len(levels) * rounds
    assert reached == {person for people in sizes for person in people} - UNREACHABLE
