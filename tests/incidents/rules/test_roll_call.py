"""Whom each tier's page calls, when people sit in several."""

from __future__ import annotations

from incidents.rules.roll_call import Call, Need, plan


def need(key: str, *members: str, quorum: int = 1, line: tuple[str, ...] = ()) -> Need:
    """Return a tier that is needed."""
    return Need(key=key, quorum=quorum, members=members, line=line)


def planned(*needs: Need, confirmed: set[str] | None = None, being_called: set[str] | None = None) -> dict[str, Call]:
    """Return the calls by tier."""
    calls = plan(needs, confirmed=confirmed or set(), being_called=being_called or set())
    return {call.key: call for call in calls}


def test_everybody_is_called_by_the_page_of_their_tier() -> None:
    calls = planned(need("ceo", "ada"), need("vp", "vic", "vera"))
    assert (calls["ceo"].first, calls["vp"].first) == (("ada",), ("vic", "vera"))


def test_somebody_in_two_tiers_is_called_once_for_the_higher_one() -> None:
    calls = planned(need("ceo", "ada"), need("vp", "ada", "vera"))
    assert calls["ceo"].first == ("ada",)
    assert calls["vp"].first == ("vera",)
    assert not calls["vp"].waits


def test_a_tier_waits_while_all_its_people_are_called_for_a_higher_one() -> None:
    calls = planned(need("ceo", "ada"), need("vp", "ada"))
    assert calls["vp"].waits


def test_a_tier_does_not_wait_when_too_few_of_its_people_are_called() -> None:
    calls = planned(need("ceo", "ada"), need("vp", "ada", quorum=2, line=("mia",)))
    assert not calls["vp"].waits
    assert (calls["vp"].first, calls["vp"].line) == ((), ("mia",))


def test_a_tier_whose_deadline_is_over_does_not_wait() -> None:
    (call,) = plan([need("vp", "ada")], confirmed=set(), being_called={"ada"}, may_wait=False)
    assert not call.waits


def test_who_answered_already_is_not_called_and_counts() -> None:
    calls = planned(need("vp", "vic", "vera"), need("manager", "mia", "max", quorum=2), confirmed={"vera", "mia"})
    assert calls["vp"].met
    assert calls["vp"].first == ()
    assert calls["manager"].first == ("max",)


def test_a_met_tier_keeps_its_people_free_for_others() -> None:
    calls = planned(need("vp", "vic", "vera"), need("manager", "vic"), confirmed={"vera"})
    assert calls["manager"].first == ("vic",)


def test_nobody_stands_in_for_their_own_tier() -> None:
    calls = planned(need("vp", "vic", "vera", line=("vera", "mia", "mia")))
    assert calls["vp"].line == ("mia",)


def test_who_is_out_is_not_called_first() -> None:
    needs = [Need(key="vp", quorum=1, members=("ada",), line=("mia",), out=frozenset({"ada"}))]
    (call,) = plan(needs, confirmed=set(), being_called=set(), may_wait=False)
    assert (call.first, call.line) == ((), ("mia",))
