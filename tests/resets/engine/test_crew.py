"""The threads that work, and the engine that wakes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine import broker, clock
from engine.duties import Tick
from resets import duties
from resets.models import Chunk, Phase, Reset
from resets.news import QUEUE, TASK
from resets.work.claim import claim
from resets.work.crew import Crew
from resets.work.hashing import Hashers
from tests.resets.engine import memory
from tests.resets.engine.builders import ask, counts, done, make_reset
from tests.supervisor.start import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crew() -> Iterator[Crew]:
    """Three threads."""
    crew = Crew(threads=3, name="test")
    yield crew
    crew.close(within_s=10)
    assert crew.is_idle()


def tick() -> Tick:
    """Return a look at this moment."""
    return Tick(now=clock.now(), deadline=float("inf"))


def leased(phase: Phase) -> int:
    return Chunk.objects.filter(phase=phase, state=Chunk.State.LEASED).count()


def is_done(phase: Phase) -> bool:
    return Phase.objects.get(pk=phase.pk).state == Phase.State.DONE


def test_one_call_brings_all_hands_until_nothing_is_left_and_then_they_go(crew: Crew) -> None:
    reset = make_reset(shards=["a", "b", "c"])
    for name in ("disable", "lock", "revoke", "enable"):
        phase = ask(reset, name, now=clock.now())
        crew.wake()
        eventually(lambda: is_done(phase), within_s=30, what=name)  # noqa: B023
        assert counts(phase)["applied"] == 100
    assert list(memory.HELD.times("enable").values()) == [1] * 100
    eventually(crew.is_idle, within_s=30, what="Their going")


def test_threads_that_would_only_wait_for_hashes_do_other_work(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they would keep another machine's core could hash, and another reset would stand behind them."""
    hashers = Hashers(most=1)
    monkeypatch.setattr("resets.work.crew.hashers", lambda: hashers)
    go_on = threading.Event()

    def before(operation: str, _shard: str) -> None:
        if operation == "rotate":
            go_on.wait(30)

    memory.HELD.before = before
    hashed = make_reset(sizes=(0, 0, 0, 0, 100), shards=["a", "b", "c", "d"], mode=Reset.Mode.SCRAMBLE)
    done(hashed, "disable")
    phase = ask(hashed, "rotate", now=clock.now())
    crew.wake()
    eventually(lambda: leased(phase) == 2, within_s=30, what="One that is hashed and one that waits for it")
    other = make_reset()
    other_phase = ask(other, "disable", now=clock.now())
    crew.wake()
    eventually(lambda: is_done(other_phase), within_s=30, what="The other reset")
    assert leased(phase) == 2
    go_on.set()
    eventually(lambda: is_done(phase), within_s=30, what="The hashed one")
    assert list(memory.HELD.times("rotate").values()) == [1] * 100


def test_a_wave_that_opens_meanwhile_is_done_at_the_next_call(crew: Crew) -> None:
    reset = make_reset()
    phase = ask(reset, "disable", through=0, now=clock.now())
    crew.wake()
    eventually(lambda: counts(phase)["applied"] == 2, within_s=30, what="The canary")
    ask(reset, "disable", now=clock.now())
    crew.wake()
    eventually(lambda: is_done(phase), within_s=30, what="The rest")


def test_the_engine_hands_over_what_is_due_and_frees_what_was_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[tuple[str, str]] = []
    monkeypatch.setattr(broker, "hand_over", lambda task, _ids, queue: handed.append((task, queue)))
    monkeypatch.setattr(broker, "is_lost", lambda: False)
    reset = make_reset(sizes=(0, 0, 0, 0, 8), shards=["web1"])
    driver = duties.Driver()
    assert driver.look(tick()) == 0
    assert handed == []
    ask(reset, "disable", now=clock.now())
    driver.look(tick())
    assert handed == [(TASK, QUEUE)]
    assert claim(now=clock.now()) is not None
    Chunk.objects.update(lease_until=clock.now())
    assert driver.look(tick()) == 1
    assert Chunk.objects.get().state == Chunk.State.PENDING


@pytest.mark.parametrize("why", ["the broker is lost", "nobody comes"])
def test_the_engine_works_itself_where_no_worker_does(monkeypatch: pytest.MonkeyPatch, why: str, crew: Crew) -> None:
    monkeypatch.setattr(broker, "hand_over", lambda *_given: None)
    monkeypatch.setattr(broker, "is_lost", lambda: why == "the broker is lost")
    monkeypatch.setattr(duties, "NOBODY_FOR_S", 0.2)
    monkeypatch.setattr(duties, "crew", lambda: crew)
    reset = make_reset()
    phase = ask(reset, "disable", now=clock.now())
    driver = duties.Driver()

    def looked_and_done() -> bool:
        driver.look(tick())
        return is_done(phase)

    eventually(looked_and_done, within_s=30, what="The engine's own work")


def test_while_workers_are_at_it_the_engine_keeps_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "hand_over", lambda *_given: None)
    monkeypatch.setattr(broker, "is_lost", lambda: False)
    monkeypatch.setattr(duties, "NOBODY_FOR_S", 0.0)
    reset = make_reset(sizes=(0, 0, 0, 0, 40))
    ask(reset, "disable", now=clock.now())
    assert claim(now=clock.now()) is not None

    def never() -> Crew:
        raise AssertionError("somebody is at work")

    monkeypatch.setattr(duties, "crew", never)
    duties.Driver().look(tick())


def test_what_waits_for_nobody_is_a_figure_that_alarms() -> None:
    reset = make_reset(sizes=(0, 0, 0, 0, 8), shards=["web1"])
    now = clock.now()
    assert duties.oldest_due_s(now) == 0
    ask(reset, "disable", now=now)
    assert duties.oldest_due_s(now + timedelta(seconds=700)) == pytest.approx(700, abs=1)
