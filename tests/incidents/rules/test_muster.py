"""What answers mean for a tier, as a table of moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incidents.rules.muster import Answer, AnswerState, Review, Seat, State, TierNow, muster_state, review_tier

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return the moment so many seconds after the start."""
    return START + timedelta(seconds=seconds)


def tier(*members: str, quorum: int = 1, line: tuple[str, ...] = ("mia", "sid")) -> TierNow:
    """Return a tier that is being called, with a deadline of 300 s."""
    seats = tuple(Seat(person=person, position=place, called_at=START) for place, person in enumerate(members))
    return TierNow(quorum=quorum, deadline=at(300), line=line, seats=seats, page="paging")


def said(person: str, state: AnswerState, seconds: float = 10, *, called: float = 0, **more: bool) -> Answer:
    """Return what a page knows of somebody."""
    answered = at(seconds) if state in ("acknowledged", "declined") else None
    return Answer(person=person, state=state, called_at=at(called), answered_at=answered, via="voice", **more)


def review(standing: TierNow, *own: Answer, elsewhere: tuple[Answer, ...] = (), seconds: float = 20) -> Review:
    """Return the review so many seconds after the start."""
    return review_tier(standing, own=own, elsewhere=elsewhere, now=at(seconds))


def states(made: Review) -> dict[str, str]:
    """Return the seats' states by person."""
    return {seat.person: seat.state for seat in made.seats}


@pytest.mark.parametrize(
    ("answer", "seconds", "expected"),
    [
        (said("vic", "called"), 20, "called"),
        (said("vic", "delivered"), 20, "delivered"),
        (said("vic", "acknowledged"), 20, "confirmed"),
        (said("vic", "declined"), 20, "declined"),
        (said("vic", "late"), 20, "late"),
        (said("vic", "unreachable"), 20, "late"),
        (said("vic", "called"), 299.9, "called"),
        (said("vic", "delivered"), 300, "late"),
        (said("vic", "acknowledged", 400), 400, "confirmed"),
        (said("vic", "acknowledged", on_behalf=True), 20, "called"),
        (said("vic", "acknowledged", on_behalf=True), 300, "late"),
    ],
)
def test_a_persons_answer_moves_their_seat(answer: Answer, seconds: float, expected: str) -> None:
    assert states(review(tier("vic", "vera"), answer, seconds=seconds))["vic"] == expected


def test_quorum_of_two_is_complete_when_the_second_confirmed() -> None:
    two = tier("vic", "vera", quorum=2)
    first = review(two, said("vic", "acknowledged", 10), said("vera", "called"))
    assert first.state == "gathering"
    second = review(two, said("vic", "acknowledged", 10), said("vera", "acknowledged", 42))
    assert (second.state, second.completed_at) == ("complete", at(42))


def test_an_answer_on_behalf_meets_no_quorum() -> None:
    made = review(tier("vic"), said("vic", "acknowledged", on_behalf=True))
    assert made.state == "gathering"


def test_the_one_called_after_somebody_late_stands_in_and_succeeds_by_confirming() -> None:
    vic_late = said("vic", "late")
    called = review(tier("vic"), vic_late, said("mia", "called", called=300), seconds=301)
    assert states(called) == {"vic": "late", "mia": "called"}
    assert called.seats[1].stands_in_for == "vic"
    confirmed = review(
        replace(tier("vic"), seats=called.seats), vic_late, said("mia", "acknowledged", 310, called=300), seconds=311
    )
    assert states(confirmed) == {"vic": "succeeded", "mia": "confirmed"}
    assert confirmed.state == "complete"


def test_the_second_stand_in_takes_the_place_that_the_first_left_empty() -> None:
    answers = (said("vic", "declined"), said("mia", "declined", called=11), said("sid", "called", called=12))
    made = review(tier("vic"), *answers)
    assert {seat.person: seat.stands_in_for for seat in made.seats} == {"vic": None, "mia": "vic", "sid": "vic"}


def test_two_stand_ins_stand_in_for_two() -> None:
    answers = (
        said("vic", "late"),
        said("vera", "late"),
        said("mia", "called", called=300),
        said("sid", "called", called=300),
    )
    made = review(tier("vic", "vera", quorum=2), *answers, seconds=301)
    assert {seat.person: seat.stands_in_for for seat in made.seats if seat.stands_in_for} == {
        "mia": "vic",
        "sid": "vera",
    }


def test_who_was_late_and_answers_after_all_is_confirmed() -> None:
    late = review(tier("vic", "vera", quorum=2), said("vic", "late"), seconds=301)
    made = review(
        replace(tier("vic", "vera", quorum=2), seats=late.seats), said("vic", "acknowledged", 330), seconds=331
    )
    assert states(made)["vic"] == "confirmed"


def test_a_confirmed_seat_is_never_taken_back() -> None:
    done = review(tier("vic", "vera", quorum=2), said("vic", "acknowledged"))
    again = review(replace(tier("vic", "vera", quorum=2), seats=done.seats), said("vic", "called", called=900))
    assert states(again)["vic"] == "confirmed"


def test_an_answer_elsewhere_counts_and_the_tiers_page_is_told() -> None:
    made = review(tier("vic"), said("vic", "called"), elsewhere=(said("vic", "acknowledged", 12),))
    assert states(made) == {"vic": "confirmed"}
    assert made.state == "complete"
    assert [seat.person for seat in made.tell_page] == ["vic"]


def test_a_successor_who_answered_elsewhere_is_not_taken_before_their_turn() -> None:
    made = review(tier("ada", line=("vera",)), said("ada", "called"), elsewhere=(said("vera", "acknowledged"),))
    assert states(made) == {"ada": "called"}
    assert made.tell_page == ()


def test_an_answer_from_before_the_call_counts_from_the_call() -> None:
    standing = replace(tier("vic"), seats=(Seat(person="vic", position=0, called_at=at(100)),))
    made = review(standing, elsewhere=(said("vic", "acknowledged", 12),), seconds=101)
    assert made.completed_at == at(100)


def test_a_no_from_before_the_call_does_not_count() -> None:
    standing = replace(tier("vic"), seats=(Seat(person="vic", position=0, called_at=at(100)),))
    made = review(standing, elsewhere=(said("vic", "declined", 12, ringing=False),), seconds=101)
    assert states(made) == {"vic": "called"}


def test_a_tier_that_waits_for_another_tiers_page_starts_its_own_when_that_fails() -> None:
    waiting = replace(tier("ada"), page="")
    assert not review(waiting, elsewhere=(said("ada", "called"),)).start_page
    assert review(waiting, elsewhere=(said("ada", "declined"),)).start_page
    assert review(waiting, elsewhere=(said("ada", "called", ringing=False),)).start_page
    assert review(waiting, elsewhere=(said("ada", "called"),), seconds=300).start_page


def test_somebody_whom_nobody_rings_any_more_is_called_by_the_tiers_page() -> None:
    both = tier("vic", "ada", quorum=2)
    made = review(both, said("vic", "called"), elsewhere=(said("ada", "called", ringing=False),))
    assert made.call_too == ("ada",)
    still = review(both, said("vic", "called"), elsewhere=(said("ada", "called"),))
    assert still.call_too == ()


def test_a_page_that_has_not_called_yet_is_left_alone() -> None:
    made = review(replace(tier("vic", "ada", quorum=2), page="starting"))
    assert (made.call_too, made.start_page, made.push_on) == ((), False, False)


def test_a_page_goes_on_when_a_passer_by_took_it() -> None:
    passer_by = replace(said("sam", "acknowledged"), called=False)
    made = review(replace(tier("ada"), page="acknowledged"), said("ada", "called", ringing=False), passer_by)
    assert states(made) == {"ada": "called"}
    assert made.push_on


def test_a_page_goes_on_when_somebody_of_the_tier_drops_out_elsewhere() -> None:
    made = review(tier("vic", "ada", quorum=2), said("vic", "called"), elsewhere=(said("ada", "declined"),))
    assert made.push_on


def test_an_exhausted_tier_is_completed_by_a_late_answer() -> None:
    exhausted = review(replace(tier("ada"), page="exhausted"), said("ada", "late"), seconds=900)
    assert exhausted.state == "exhausted"
    standing = replace(tier("ada"), page="exhausted", state="exhausted", seats=exhausted.seats)
    assert review(standing, said("ada", "acknowledged", 950), seconds=951).state == "complete"


def test_a_complete_tier_tells_its_page_once_only() -> None:
    uncounted = replace(said("vic", "acknowledged"), counted=False)
    gathering = review(tier("vic"), uncounted)
    assert gathering.state == "complete"
    assert [seat.person for seat in gathering.tell_page] == ["vic"]
    complete = replace(tier("vic"), seats=gathering.seats, state="complete", completed_at=at(10))
    # It calls again after silence, and means it: its own answer may not be given for it.
    assert review(complete, uncounted).tell_page == ()


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        (["complete", "complete"], "complete"),
        (["complete", "gathering"], "gathering"),
        (["exhausted", "gathering"], "exhausted"),
        (["exhausted", "complete"], "exhausted"),
    ],
)
def test_the_muster_is_as_its_worst_tier(tiers: list[State], expected: State) -> None:
    assert muster_state(tiers) == expected
