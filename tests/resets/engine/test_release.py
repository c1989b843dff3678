"""Releasing a phase, and its way through the waves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from ledger.models import Entry
from people.actors import actor_for
from resets.models import Chunk, Phase, Reset, Wave
from resets.operations.open_wave import open_wave
from resets.operations.release import release
from tests.builders import make_person
from tests.resets.engine import memory
from tests.resets.engine.builders import BY, NOW, ask, counts, done, make_reset, make_system, work
from web.errors import BadInput, IllegalMove, NotAllowed

pytestmark = pytest.mark.django_db


def states(phase: Phase) -> list[str]:
    return list(phase.waves.order_by("number").values_list("state", flat=True))


def test_a_phase_goes_through_every_wave_and_does_every_account_once() -> None:
    reset = make_reset()
    phase = ask(reset, "disable")
    work()
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert states(phase) == ["done"] * 5
    assert counts(phase) == {"applied": 100, "unchanged": 0, "skipped": 0, "missed": 0, "accounts": 100}
    assert list(memory.HELD.times("disable").values()) == [1] * 100
    verbs = list(Entry.objects.filter(subject=reset.subject).order_by("seq").values_list("verb", flat=True))
    assert verbs[0] == "reset.released"
    assert verbs[-1] == "reset.phase_done"
    assert verbs.count("reset.wave_done") == 5


def test_chunks_are_of_one_wave_system_and_shard_and_no_larger_than_the_backend_takes() -> None:
    first, second = make_system(), make_system(rate=1)
    reset = make_reset(systems=[first, second])
    phase = ask(reset, "disable")
    accounts = {each.position: each for each in reset.accounts.all()}
    for chunk in Chunk.objects.filter(phase=phase):
        mine = [accounts[at] for at in range(chunk.first, chunk.last + 1)]
        assert {(each.wave, each.system_id, each.shard) for each in mine} == {
            (chunk.wave, chunk.system_id, chunk.shard)
        }
        assert len(mine) <= (10 if chunk.system_id == first.pk else 5), "five seconds' worth at its rate"
    assert sum(counts(phase)[name] for name in ("accounts",)) == 100


def test_after_the_canary_disabling_goes_everywhere_at_once() -> None:
    reset = make_reset()
    phase = ask(reset, "disable")
    assert states(phase) == ["open", "closed", "closed", "closed", "closed"]
    work(at_most=2)
    assert states(phase) == ["done", "open", "open", "open", "open"]


def test_other_phases_go_wave_by_wave() -> None:
    reset = make_reset()
    done(reset, "disable")
    phase = ask(reset, "lock")
    work(at_most=2)
    assert states(phase) == ["done", "open", "closed", "closed", "closed"]
    work(at_most=1)
    assert states(phase) == ["done", "open", "closed", "closed", "closed"]
    work(at_most=1)
    assert states(phase) == ["done", "done", "open", "closed", "closed"]


def test_it_goes_no_further_than_it_was_asked_to() -> None:
    reset = make_reset()
    phase = ask(reset, "disable", through=1)
    work()
    phase.refresh_from_db()
    assert states(phase) == ["done", "done", "closed", "closed", "closed"]
    assert phase.state == Phase.State.RUNNING
    assert ask(reset, "disable", through=1).pk == phase.pk, "asking again changes nothing"
    assert work() == 0


def test_a_shut_gate_is_opened_by_another_person_than_who_asked() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    reset = make_reset(gates_open=False, created_by=ada)
    phase = ask(reset, "disable", through=1)
    work()
    assert states(phase) == ["done", "closed", "closed", "closed", "closed"]
    wave = phase.waves.get(number=1)
    for by in (actor_for(ada, via="web"), BY):
        with pytest.raises(NotAllowed), transaction.atomic():
            open_wave(wave=wave, by=by, now=NOW)
    with pytest.raises(IllegalMove), transaction.atomic():
        open_wave(wave=phase.waves.get(number=2), by=actor_for(vic, via="web"), now=NOW)
    with transaction.atomic():
        opened = open_wave(wave=wave, by=actor_for(vic, via="web"), now=NOW)
    assert (opened.state, opened.opened_by) == (Wave.State.OPEN, vic)
    work()
    assert states(phase)[:2] == ["done", "done"]


def test_a_plans_approval_stands_for_the_gates() -> None:
    reset = make_reset(gates_open=False)
    phase = ask(reset, "disable", through=3, approved=True)
    work()
    assert states(phase) == ["done", "done", "done", "done", "closed"]
    ask(reset, "disable", through=4)
    work()
    assert states(phase)[4] == "closed", "this one was asked for without"


@pytest.mark.parametrize(
    ("before", "phase"),
    [
        ((), "lock"),
        ((), "rotate"),
        (("disable",), "revoke"),
        (("disable", "lock"), "enable"),
    ],
)
def test_the_order_of_the_work_is_kept(before: tuple[str, ...], phase: str) -> None:
    reset = make_reset(sizes=(1, 1, 1, 1, 1))
    done(reset, *before)
    with pytest.raises(IllegalMove):
        ask(reset, phase)


def test_the_order_is_kept_wave_by_wave() -> None:
    reset = make_reset(sizes=(1, 5, 5, 5, 5))
    ask(reset, "disable", through=0)
    work()
    ask(reset, "lock", through=0)
    work()
    with pytest.raises(IllegalMove, match="wave 1 was asked for"):
        ask(reset, "lock", through=1)
    ask(reset, "disable", through=4)
    work()
    ask(reset, "lock", through=4)
    work()
    done(reset, "revoke", "enable")
    assert list(memory.HELD.times("enable").values()) == [1] * 21


def test_a_draft_and_what_does_not_exist_are_refused() -> None:
    reset = make_reset(sizes=(1, 0, 0, 0, 0))
    Reset.objects.update(state=Reset.State.DRAFT)
    with pytest.raises(IllegalMove, match="only a frozen reset"):
        ask(reset, "disable")
    with pytest.raises(BadInput):
        ask(reset, "dance")
    with pytest.raises(BadInput):
        ask(reset, "disable", through=5)


def test_a_drill_touches_no_real_system() -> None:
    reset = make_reset(sizes=(1, 0, 0, 0, 0), drill=True)
    with pytest.raises(IllegalMove, match="drill"):
        ask(reset, "disable")


def test_empty_waves_hold_nobody_back() -> None:
    reset = make_reset(sizes=(0, 0, 3, 0, 2))
    phase = ask(reset, "disable")
    work()
    phase.refresh_from_db()
    assert phase.state == Phase.State.DONE
    assert counts(phase)["applied"] == 5


def test_nothing_is_due_before_its_wave_opens() -> None:
    reset = make_reset()
    phase = ask(reset, "disable", through=0)
    work(now=NOW + timedelta(days=1))
    assert counts(phase)["applied"] == 2


def _taken_back(reset: Reset) -> Phase:
    with transaction.atomic():
        return release(reset=reset, phase="enable", through=4, by=BY, now=NOW, take_back=True)


@pytest.mark.parametrize("state", [Reset.State.RUNNING, Reset.State.ABORTED])
def test_a_false_alarm_lets_nobody_in_whom_an_older_reset_keeps_out(state: str) -> None:
    system = make_system()
    older, newer = make_reset(systems=[system]), make_reset(systems=[system])
    done(older, "disable")
    Reset.objects.filter(pk=older.pk).update(state=state)
    done(newer, "disable")
    with pytest.raises(IllegalMove, match=older.title):
        _taken_back(newer)
    assert not Phase.objects.filter(reset=newer, name="enable").exists()
    Reset.objects.filter(pk=older.pk).update(state=Reset.State.DONE)
    assert _taken_back(newer).name == "enable"


def test_a_reset_elsewhere_or_newer_has_no_say_in_a_false_alarm() -> None:
    system = make_system()
    elsewhere, mine, newer = make_reset(), make_reset(systems=[system]), make_reset(systems=[system])
    for reset in (elsewhere, mine, newer):
        done(reset, "disable")
    assert _taken_back(mine).name == "enable"
    assert _taken_back(newer).name == "enable", "the older one was taken back itself"
