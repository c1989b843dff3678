"""Looking at accounts: the canary whole, the others by chance, and never better than what was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from typing import Any

import pytest

from eap.actions.base import Stopped, Trouble
from ledger.actor import Actor
from ledger.models import Entry
from resets.backends.base import Backend, Check, Guard, Settings, Surroundings
from resets.models import AccountCheck, Reset, System, Verification
from resets.proof.seen import looks, seen
from resets.proof.verify import verify
from tests.builders import NOW
from tests.resets.engine.builders import ask, done, make_reset, work
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db(transaction=True)
Look = Callable[[str, str], Check | None]


class LookedAt(Backend[Settings]):
    """Answers as the test says."""

    kind = "memory"
    title = "Looked at"
    settings = Settings
    abilities = frozenset({"verify"})
    chunk_size = 10

    def __init__(self, look: Look, *, away: Sequence[str] = ()) -> None:
        super().__init__(Settings(), Surroundings(secret=str, say=print, stopped=lambda: False))
        self.look = look
        self.away = away
        self.asked: list[tuple[str, str]] = []
        self.guards: set[Guard] = set()

    def verify(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Sequence[Check]:
        self.guards.add(guard)
        if shard in self.away:
            raise Trouble(f"{shard} refuses connections.", passing=True)
        self.asked += [(shard, login) for login in logins]
        found = (self.look(shard, login) for login in logins)
        return [check for check in found if check is not None]


def _well(_shard: str, login: str) -> Check:
    return Check(login, "state_effective", holds=True, sentence="Locked.")


def _opened(backend: Backend[Any]) -> Callable[[System], AbstractContextManager[Backend[Any]]]:
    return lambda _system: closing(backend)


def _verify(reset: Reset, backend: Backend[Any], **given: Any) -> Verification:
    return verify(
        **{
            "reset_id": reset.pk,
            "canary_only": False,
            "by": Actor.system(),
            "clock": lambda: NOW,
            "opened": _opened(backend),
            **given,
        }
    )


@pytest.fixture
def reset() -> Reset:
    made = make_reset(sizes=(4, 10, 10, 30, 146))
    done(made, "disable")
    return made


def test_all_of_the_canary_and_a_sample_are_looked_at(reset: Reset) -> None:
    backend = LookedAt(_well)
    row = _verify(reset, backend, wanted=50)
    assert (row.looked_at, row.failed, row.untried) == (54, 0, 0)
    assert len(set(backend.asked)) == 54
    assert backend.guards == {Guard(generation=reset.generation, cutoff=reset.cutoff)}
    canary, sample = sorted(seen(row).parts, key=lambda part: not part.canary)
    assert (canary.accounts, canary.bound_ppm) == (4, None)
    assert sample.accounts == 50
    assert sample.bound_ppm == pytest.approx(58_155, abs=5)
    assert seen(row).holds
    assert Entry.objects.get(subject=reset.subject, verb="reset.verified").payload["looked_at"] == 54


def test_the_canary_alone_can_be_looked_at_before_the_rest_was_done() -> None:
    made = make_reset(sizes=(4, 10, 10, 30, 46))
    ask(made, "disable", through=0)
    with pytest.raises(IllegalMove):
        _verify(made, LookedAt(_well), canary_only=True)
    work()
    row = _verify(made, LookedAt(_well), canary_only=True)
    assert row.looked_at == 4


def test_one_ill_account_of_the_canary_pauses_the_reset(reset: Reset) -> None:
    def look(_shard: str, login: str) -> Check:
        return Check(login, "old_refused", holds=login != "w0u00000", sentence="The old password was let in.")

    row = _verify(reset, LookedAt(look))
    reset.refresh_from_db()
    assert (row.failed, reset.state) == (1, "paused")
    part = next(part for part in seen(row).parts if part.canary)
    assert part.failures == ("w0u00000: The old password was let in.",)
    assert not seen(row).holds


def test_an_ill_account_of_the_sample_is_told_and_bounds_the_rest(reset: Reset) -> None:
    def look(_shard: str, login: str) -> Check:
        return Check(login, "state_effective", holds=login != "w4u00007", sentence="It may sign in.")

    row = _verify(reset, LookedAt(look), wanted=400)
    reset.refresh_from_db()
    assert (row.looked_at, row.failed, reset.state) == (200, 1, "running")
    sample = next(part for part in seen(row).parts if not part.canary)
    assert "1 of 196 accounts are not as they should be" in sample.sentence
    assert "95 %" in sample.sentence


def test_a_host_that_is_away_is_untried_and_never_well(reset: Reset) -> None:
    row = _verify(reset, LookedAt(_well, away=["web1"]), wanted=400)
    assert (row.looked_at, row.untried, row.failed) == (100, 100, 0)
    checks = AccountCheck.objects.filter(verification=row, account__shard="web1")
    assert set(checks.values_list("holds", "sentence")) == {(None, "web1 refuses connections.")}


def test_where_nobody_can_look_nothing_holds(reset: Reset) -> None:
    row = _verify(reset, LookedAt(_well, away=["web1", "web2"]))
    assert not seen(row).holds
    assert all("None of" in part.sentence for part in seen(row).parts)


def test_a_system_that_says_nothing_of_an_account_has_not_been_seen(reset: Reset) -> None:
    row = _verify(reset, LookedAt(lambda _shard, _login: None), canary_only=True)
    assert (row.looked_at, row.untried) == (0, 4)


def test_a_system_that_cannot_be_opened_is_untried(reset: Reset) -> None:
    def opened(_system: System) -> AbstractContextManager[Backend[Any]]:
        raise Trouble("The settings of it are not right.")

    row = _verify(reset, LookedAt(_well), opened=opened, canary_only=True)
    assert (row.looked_at, row.untried) == (0, 4)


def test_told_to_stop_it_keeps_what_was_seen(reset: Reset) -> None:
    with pytest.raises(Stopped):
        _verify(reset, LookedAt(_well), stopped=lambda: True)
    assert Verification.objects.get().ended_at is None
    assert not looks(reset)[0].holds


def test_before_anything_was_done_there_is_nothing_to_look_at() -> None:
    with pytest.raises(IllegalMove, match="nothing to verify"):
        _verify(make_reset(), LookedAt(_well))
