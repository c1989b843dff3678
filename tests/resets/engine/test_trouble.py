"""What goes wrong on the way, and what becomes of it: nothing is lost and nothing counted twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from eap.actions.base import Stopped, Trouble, Unknown
from resets.backends.base import Busy, Miss
from resets.models import Chunk, Exceptional, Host, Phase, Reset
from resets.operations.abort import abort
from resets.operations.close import close
from resets.operations.give_up import give_up
from resets.operations.pause import pause
from resets.operations.resume import resume
from resets.operations.retry import retry
from resets.queries import progress, standing
from resets.rules.patience import MOST_TRIES, OPENS_AT
from tests.resets.engine import memory
from tests.resets.engine.builders import BY, NOW, ask, counts, done, make_reset, work
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db

ALL_APPLIED = {"applied": 100, "unchanged": 0, "skipped": 0, "missed": 0, "accounts": 100}
LATER = NOW + timedelta(minutes=5)


def raising(error: Exception, *, on: str = "web2") -> Callable[[str, str], None]:
    def fail(_operation: str, shard: str) -> None:
        if shard == on:
            raise error

    return fail


def test_a_host_that_is_away_holds_its_accounts_and_not_the_run() -> None:
    reset = make_reset()
    memory.HELD.away.add("web2")
    phase = ask(reset, "disable")
    work()
    work(now=NOW + timedelta(seconds=10))
    work(now=NOW + timedelta(seconds=60))
    assert counts(phase)["applied"] == 50, "everything on the other host, through all waves"
    host = Host.objects.get(shard="web2")
    assert host.failures >= OPENS_AT
    assert host.open_until is not None
    (away,) = [each for each in progress(reset, now=NOW)[0].hosts if each.is_away]
    assert (away.host, away.sentence) == ("web2", "web2 refuses connections.")
    calls = len(memory.HELD.calls)
    work(now=host.open_until)
    assert len(memory.HELD.calls) == calls + 1, "one probe"
    memory.HELD.away.clear()
    for minutes in range(2, 8):
        work(now=NOW + timedelta(minutes=minutes))
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase) == ALL_APPLIED
    assert Host.objects.get(shard="web2").failures == 0


def test_a_day_without_its_host_costs_a_chunk_nothing() -> None:
    reset = make_reset(shards=["web1"])
    memory.HELD.away.add("web1")
    phase = ask(reset, "disable")
    for minute in range(60):
        work(now=NOW + timedelta(minutes=minute))
    assert not Chunk.objects.filter(state=Chunk.State.FAILED).exists()
    memory.HELD.away.clear()
    work(now=NOW + timedelta(hours=24))
    assert counts(phase) == ALL_APPLIED


def test_a_host_can_be_given_up_and_taken_up_again() -> None:
    reset = make_reset()
    memory.HELD.away.add("web2")
    phase = ask(reset, "disable")
    for minute in range(3):
        work(now=NOW + timedelta(minutes=minute))
    with transaction.atomic():
        accounts = give_up(
            phase=phase, system=reset.systems.get(), shard="web2", by=BY, now=LATER, reason="It burned down."
        )
    assert accounts == 50
    phase.refresh_from_db()
    assert phase.state == Phase.State.HELD, "a canary was on it, and there any failure stops"
    with transaction.atomic():
        resume(reset=reset, by=BY, now=LATER)
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase)["missed"] == 50
    memory.HELD.away.clear()
    with transaction.atomic():
        assert retry(phase=phase, code="given_up", by=BY, now=LATER) == 50
    work(now=LATER)
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase) == ALL_APPLIED


def test_a_final_error_fails_its_chunk_and_a_retry_mends_it() -> None:
    reset = make_reset(total_limit={})
    memory.HELD.before = raising(Trouble("There is no such table."), on="web2")
    phase = ask(reset, "disable")
    work()
    phase.refresh_from_db()
    assert (phase.state, phase.held_because) == (
        Phase.State.HELD,
        "1 of 2 failed in the canary; there any failure stops.",
    )
    assert standing(reset, "disable", through=4).state == "held"
    memory.HELD.before = lambda _operation, _shard: None
    with transaction.atomic():
        retry(phase=phase, code="refused", by=BY, now=NOW)
    work()
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase) == ALL_APPLIED


def test_a_limit_holds_the_phase_and_a_person_goes_on_in_spite_of_it() -> None:
    reset = make_reset(wave_limit={"failures": 1})
    for number in (0, 2, 4, 6):
        login = f"w3u{number:05}"
        memory.HELD.misses[login] = Miss(login, "quota", "It is over its quota.")
    phase = ask(reset, "disable")
    work()
    phase.refresh_from_db()
    assert phase.state == Phase.State.HELD
    assert phase.held_because == "4 of 30 failed in wave 3; 1 were allowed there."
    assert counts(phase)["applied"] < 96
    with transaction.atomic():
        resume(reset=reset, by=BY, now=NOW)
    work()
    phase.refresh_from_db()
    (cause,) = progress(reset, now=NOW)[0].causes
    assert phase.state == Phase.State.DONE
    assert (cause.code, cause.accounts, cause.again) == ("quota", 4, 0)
    assert counts(phase) == {"applied": 96, "unchanged": 0, "skipped": 0, "missed": 4, "accounts": 100}
    memory.HELD.misses.clear()
    with transaction.atomic():
        assert retry(phase=phase, code="quota", by=BY, now=NOW) == 4
    work()
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase) == ALL_APPLIED
    assert set(Exceptional.objects.values_list("state", flat=True)) == {Exceptional.State.MENDED}
    with transaction.atomic(), pytest.raises(IllegalMove):
        retry(phase=phase, code="quota", by=BY, now=NOW)


def test_accounts_missed_for_a_passing_reason_are_tried_again_alone_and_then_given_up() -> None:
    reset = make_reset(sizes=(1, 9, 0, 0, 0), shards=["web1"])
    memory.HELD.misses["w1u00003"] = Miss("w1u00003", "busy", "It is locked.", passing=True)
    phase = ask(reset, "disable")
    work()
    assert counts(phase) == {"applied": 9, "unchanged": 0, "skipped": 0, "missed": 1, "accounts": 10}
    phase.refresh_from_db()
    assert phase.state == Phase.State.RUNNING
    tries = 1
    for minute in range(1, 30):
        before = len(memory.HELD.calls)
        work(now=NOW + timedelta(minutes=minute))
        tries += len(memory.HELD.calls) - before
        assert all(size == 1 for _, _, size in memory.HELD.calls[before:])
    assert tries == MOST_TRIES
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase) == {"applied": 9, "unchanged": 0, "skipped": 0, "missed": 1, "accounts": 10}
    exceptional = Exceptional.objects.get()
    assert (exceptional.state, exceptional.tries) == (Exceptional.State.FAILED, MOST_TRIES)


def test_what_its_owner_set_since_is_left_alone_and_named() -> None:
    reset = make_reset()
    memory.HELD.own_password |= {"w4u00001", "w4u00002"}
    phase = ask(reset, "disable")
    work()
    assert counts(phase) == {"applied": 98, "unchanged": 0, "skipped": 2, "missed": 0, "accounts": 100}
    named = Exceptional.objects.filter(state=Exceptional.State.SKIPPED)
    assert set(named.values_list("account__login", flat=True)) == {"w4u00001", "w4u00002"}


@pytest.mark.parametrize("error", [Unknown("Nobody knows."), ValueError("A mistake.")])
def test_a_chunk_of_which_nobody_knows_is_done_again_and_counts_once(error: Exception) -> None:
    reset = make_reset(shards=["web1"])
    lost = [error, error]

    def lose(_operation: str, _shard: str) -> None:
        if lost:
            raise lost.pop()

    memory.HELD.after = lose
    phase = ask(reset, "disable")
    for minute in range(4):
        work(now=NOW + timedelta(minutes=minute))
    found = counts(phase)
    assert found["applied"] + found["unchanged"] == 100
    assert found["unchanged"] == 2, "the canary, tried twice more"
    assert list(memory.HELD.times("disable").values()) == [1] * 100


def test_a_backend_that_miscounts_is_not_believed() -> None:
    reset = make_reset(sizes=(1, 0, 0, 0, 0))
    memory.HELD.miscounts = True
    phase = ask(reset, "disable")
    for minute in range(10):
        work(now=NOW + timedelta(minutes=minute))
    assert counts(phase) == {"applied": 0, "unchanged": 0, "skipped": 0, "missed": 1, "accounts": 1}
    assert Chunk.objects.get().code == "broke"


def test_a_busy_host_is_left_in_peace_for_as_long_as_it_asks() -> None:
    reset = make_reset()
    memory.HELD.before = raising(Busy("Too many requests.", retry_after_s=90))
    phase = ask(reset, "disable")
    work()
    assert sum(shard == "web2" for _, shard, _ in memory.HELD.calls) == 1
    memory.HELD.before = lambda _operation, _shard: None
    work(now=NOW + timedelta(seconds=89))
    assert sum(shard == "web2" for _, shard, _ in memory.HELD.calls) == 1
    work(now=NOW + timedelta(seconds=90))
    assert counts(phase) == ALL_APPLIED
    assert not Chunk.objects.filter(tries__gt=0).exists()


def test_paused_nothing_begins_and_resumed_it_goes_on_where_it_was() -> None:
    reset = make_reset()
    phase = ask(reset, "disable")
    work(at_most=3)
    with transaction.atomic():
        pause(reset=reset, by=BY, now=NOW, reason="Too much load.")
    assert work() == 0
    found = standing(reset, "disable", through=4)
    assert (found.state, found.sentence) == ("paused", "Paused: Too much load.")
    with transaction.atomic():
        resume(reset=reset, by=BY, now=NOW)
    work()
    assert counts(phase) == ALL_APPLIED


def test_an_abort_fails_closed_and_a_resume_goes_on_from_there() -> None:
    reset = make_reset()
    phase = ask(reset, "disable")
    work(at_most=4)
    disabled = len(memory.HELD.times("disable"))
    with transaction.atomic():
        abort(reset=reset, by=BY, now=NOW, reason="Wrong cutoff.")
    assert work() == 0
    assert standing(reset, "disable", through=4).state == "aborted"
    assert not memory.HELD.times("enable"), "nothing is taken back"
    with pytest.raises(IllegalMove), transaction.atomic():
        ask(reset, "enable")
    with transaction.atomic():
        resume(reset=reset, by=BY, now=NOW)
    work()
    assert 0 < disabled < 100
    assert counts(phase) == ALL_APPLIED
    assert list(memory.HELD.times("disable").values()) == [1] * 100


@pytest.mark.parametrize(("frozen", "state"), [(True, Reset.State.FROZEN), (False, Reset.State.DRAFT)])
def test_one_that_was_aborted_before_it_began_goes_back_to_where_it_was(frozen: bool, state: str) -> None:
    reset = make_reset(sizes=(1, 0, 0, 0, 0))
    if not frozen:
        Reset.objects.update(state=Reset.State.DRAFT, frozen_at=None)
    with transaction.atomic():
        abort(reset=reset, by=BY, now=NOW, reason="Not yet.")
    with transaction.atomic():
        assert resume(reset=reset, by=BY, now=NOW).state == state


def test_a_chunk_that_is_told_to_stop_is_done_later_and_costs_no_try() -> None:
    reset = make_reset(sizes=(2, 0, 0, 0, 0), shards=["web1"])
    memory.HELD.before = raising(Stopped("Stopped.", confirmed=True), on="web1")
    phase = ask(reset, "disable")
    work()
    memory.HELD.before = lambda _operation, _shard: None
    work(now=LATER)
    assert counts(phase)["applied"] == 2
    assert Chunk.objects.get().tries == 0


def test_accounts_that_were_not_reset_stay_disabled() -> None:
    reset = make_reset(wave_limit={}, total_limit={})
    done(reset, "disable")
    memory.HELD.misses["w4u00007"] = Miss("w4u00007", "broken", "It does not work.")
    done(reset, "lock")
    memory.HELD.misses.clear()
    done(reset, "revoke")
    phase = ask(reset, "enable")
    work()
    assert counts(phase) == {"applied": 99, "unchanged": 0, "skipped": 0, "missed": 1, "accounts": 100}
    assert Exceptional.objects.get(phase=phase).code == "not_reset"
    assert "w4u00007" not in memory.HELD.times("enable")


def test_a_chunk_that_failed_whole_is_not_enabled_either() -> None:
    reset = make_reset()
    done(reset, "disable")
    memory.HELD.before = raising(Trouble("There is no such column."), on="web2")
    phase = ask(reset, "lock")
    work()
    with transaction.atomic():
        resume(reset=reset, by=BY, now=NOW)
    work()
    assert counts(phase)["missed"] == 50
    memory.HELD.before = lambda _operation, _shard: None
    done(reset, "revoke")
    phase = ask(reset, "enable")
    work()
    with transaction.atomic():
        resume(reset=reset, by=BY, now=NOW)
    work()
    assert counts(phase) == {"applied": 50, "unchanged": 0, "skipped": 0, "missed": 50, "accounts": 100}
    assert all(shard == "web1" for (shard, _), did in memory.HELD.done.items() if "enable" in did)


def test_scrambling_puts_a_hash_of_its_own_on_every_account() -> None:
    reset = make_reset(sizes=(1, 4, 0, 0, 0), mode=Reset.Mode.SCRAMBLE)
    done(reset, "disable", "rotate", "revoke", "enable")
    assert list(memory.HELD.times("rotate").values()) == [1] * 5
    with transaction.atomic():
        close(reset=reset, by=BY, now=NOW)
    with pytest.raises(IllegalMove):
        ask(reset, "disable")


def test_a_secret_in_what_a_system_says_is_hidden() -> None:
    from eap.models import Secret

    secret = Secret.objects.create(
        name="panel", kind="stored", value="hunter22hunter", changed_by_name="Alma", changed_at=NOW
    )
    reset = make_reset(sizes=(1, 0, 0, 0, 0), shards=["web1"])
    reset.systems.update(settings={"password": secret.name})
    phase = ask(reset, "disable")
    work()
    assert Chunk.objects.get(phase=phase).sentence == "It said: wrong password •••"
