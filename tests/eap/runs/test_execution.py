"""Executions by real threads with real commits: leases, fences, stops, logs, secrets, vanished executors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection

from eap.actions.base import Result, Surroundings
from eap.execution import heartbeat as beating
from eap.execution.claim import LEASE, claim, due
from eap.execution.executor import Executor
from eap.execution.heartbeat import Watched, beat
from eap.execution.leases import MOST_CRASHES, free_leases
from eap.execution.log_lines import CUT, MOST_LINES, LogLines
from eap.execution.record import Outcome, record
from eap.models import LogLine, Run, StepTarget
from eap.operations.runs.stop_run import stop_run
from eap.run_queries import log_lines
from engine import clock
from engine.duties import run_once
from ledger.models import Entry
from tests.builders import NOW, by, make_person
from tests.eap.runs.actions import hangs, look, once, says, set_
from tests.eap.runs.builders import at, automation, begin, carry_out, do, fresh, go, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def executor() -> Iterator[Executor]:
    """An executor as workers and engines have one."""
    executor = Executor(slots=4, name="test-execute")
    yield executor
    executor.close()


def until(is_so: Callable[[], bool], *, within_s: float = 10.0) -> float:
    """Wait until something is so; return the seconds it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within_s, "It did not come about."
        time.sleep(0.02)
    return time.monotonic() - began


def row_of(run: Run) -> StepTarget:
    """Return a run's only execution."""
    return StepTarget.objects.get(run=run)


def test_an_executor_carries_out_what_is_handed_over_and_twice_is_once(executor: Executor) -> None:
    run = begin(make_version([automation("do")]), now=clock.now())
    executor.add([row_of(run).pk])
    executor.add([row_of(run).pk])
    until(lambda: row_of(run).state == "done")
    executor.add([row_of(run).pk])
    until(executor.is_idle)
    assert set_.called() == [""]
    go(clock.now())
    assert fresh(run).state == "done"


def test_two_can_not_claim_the_same_and_only_the_current_fence_records() -> None:
    run = begin(make_version([automation("do")]))
    (first,) = claim(due(before=NOW, limit=9), now=NOW, limit=9)
    assert claim([first.id], now=NOW, limit=9) == []
    assert free_leases(now=NOW + LEASE) == 1
    (second,) = claim([first.id], now=NOW + LEASE, limit=9)
    assert (second.fence, second.resuming) == (first.fence + 1, True)
    assert not record(first, Outcome(state="failed", sentence="Too late."), now=NOW)
    assert row_of(run).state == "running"
    assert record(second, Outcome(state="done", sentence="Well."), now=NOW)
    assert not record(second, Outcome(state="failed", sentence="Again."), now=NOW)
    assert row_of(run).sentence == "Well."


@pytest.mark.parametrize(
    ("action", "state", "applied"), [("test-look", "done", 1), ("test-set", "done", 1), ("test-once", "unknown", 0)]
)
def test_a_vanished_executor(action: str, state: str, applied: int) -> None:
    """What only looks or may be done twice is done again under the same key; the rest is asked about, then unknown."""
    run = begin(make_version([automation("do", action)]))
    claim(due(before=NOW, limit=9), now=NOW, limit=9)  # and its process dies
    later = NOW + LEASE
    assert free_leases(now=NOW + LEASE - timedelta(seconds=1)) == 0
    free_leases(now=later)
    carry_out(later)
    run_once("runs", now=later)
    assert at(run, "do").state == state
    tests = {"test-look": look, "test-set": set_, "test-once": once}
    assert len(tests[action].called("apply")) == applied
    assert len(once.called("resume")) == (1 if action == "test-once" else 0)


def test_an_action_that_knows_what_became_of_it_is_believed() -> None:
    once.remembers[""] = Result(sentence="It was done.", facts={"job": "17"})
    run = begin(make_version([automation("do", "test-once")]))
    claim(due(before=NOW, limit=9), now=NOW, limit=9)
    free_leases(now=NOW + LEASE)
    carry_out(NOW + LEASE)
    run_once("runs", now=NOW + LEASE)
    assert (at(run, "do").state, at(run, "do").facts) == ("done", {"job": "17"})
    assert once.called("apply") == []


def test_what_takes_its_process_with_it_again_and_again_is_given_to_a_person() -> None:
    run = begin(make_version([automation("do")]))
    now = NOW
    for _ in range(MOST_CRASHES + 1):
        assert claim([row_of(run).pk], now=now, limit=1)
        now += LEASE
        free_leases(now=now)
    assert row_of(run).state == "unknown"
    assert claim([row_of(run).pk], now=now, limit=1) == []


def test_a_heartbeat_moves_the_lease_on_and_tells_who_lost_it() -> None:
    run = begin(make_version([automation("do")]))
    (mine,) = claim(due(before=NOW, limit=9), now=NOW, limit=9)
    watched = Watched(mine, timeout_s=60, flush=lambda: None)
    beat({mine.id: watched})
    lease = row_of(run).lease_until
    assert lease is not None
    assert lease > clock.now() + LEASE - timedelta(seconds=5)
    assert not watched.stopped()
    free_leases(now=clock.now() + LEASE + timedelta(seconds=1))
    claim([mine.id], now=clock.now() + LEASE + LEASE, limit=1)
    beat({mine.id: watched})
    assert watched.stopped(), "somebody else has it"


def test_a_stop_reaches_a_running_action_within_seconds_and_is_proved(executor: Executor) -> None:
    otto, started = make_person("Otto"), threading.Event()
    once.behave[""] = hangs(started)
    run = begin(make_version([automation("do", "test-once")]), now=clock.now())
    executor.add([row_of(run).pk])
    assert started.wait(5)
    do(stop_run, run_id=run.pk, by=by(otto), now=clock.now())
    assert fresh(run).state == "stopping"
    assert until(lambda: row_of(run).state == "stopped") < 2 * beating.EVERY_S + 1
    run_once("runs", now=clock.now())
    assert (fresh(run).state, fresh(run).stop_confirmed) == ("stopped", True)


def test_a_stop_that_nobody_can_prove_says_so(executor: Executor) -> None:
    otto, started = make_person("Otto"), threading.Event()
    once.behave[""] = hangs(started, confirmed=False)
    run = begin(make_version([automation("do", "test-once")]), now=clock.now())
    executor.add([row_of(run).pk])
    assert started.wait(5)
    do(stop_run, run_id=run.pk, by=by(otto), now=clock.now())
    until(lambda: row_of(run).state == "stopped")
    run_once("runs", now=clock.now())
    assert fresh(run).stop_confirmed is False
    assert fresh(run).trouble.startswith("Stop not confirmed")


@pytest.mark.parametrize(("action", "confirmed"), [("test-look", True), ("test-once", False)])
def test_a_stop_when_the_executor_is_gone(action: str, confirmed: bool) -> None:
    otto = make_person("Otto")
    run = begin(make_version([automation("do", action)]))
    claim(due(before=NOW, limit=9), now=NOW, limit=9)
    do(stop_run, run_id=run.pk, by=by(otto))
    run_once("runs", now=NOW)
    assert fresh(run).state == "stopping"
    free_leases(now=NOW + LEASE)
    run_once("runs", now=NOW + LEASE)
    assert (fresh(run).state, fresh(run).stop_confirmed) == ("stopped", confirmed)


def test_an_action_that_takes_too_long_fails_or_is_unknown(executor: Executor) -> None:
    started = threading.Event()
    once.behave[""] = hangs(started, confirmed=False)
    run = begin(make_version([automation("do", "test-once", timeout="1s")]), now=clock.now())
    executor.add([row_of(run).pk])
    until(lambda: row_of(run).state == "unknown")
    assert "longer than its 1 s" in row_of(run).sentence


def test_an_action_that_breaks_is_no_crash_of_ours() -> None:
    def breaks(_around: Surroundings) -> None:
        raise ZeroDivisionError

    set_.behave[""] = once.behave[""] = breaks
    run = begin(make_version([automation("a", on_failure="continue"), automation("b", "test-once")]))
    go()
    assert (at(run, "a").state, at(run, "b").state) == ("failed", "unknown")
    assert "broke (ZeroDivisionError)" in at(run, "a").sentence


def test_what_an_action_says_is_kept_in_order_and_found_by_cursor() -> None:
    set_.behave[""] = says("one", "two\nthree", "four")
    run = begin(make_version([automation("do")]))
    go()
    first = log_lines(run, after=0, limit=2)
    assert [line.text for line in first] == ["one", "two"]
    assert [line.text for line in log_lines(run, after=first[-1].pk, limit=9)] == ["three", "four"]
    assert row_of(run).lines == 4


def test_who_says_too_much_is_cut_with_a_sentence() -> None:
    run = begin(make_version([automation("do")]))
    lines = LogLines(row_of(run))
    for number in range(MOST_LINES + 50):
        lines.say(f"line {number}")
    lines.flush()
    assert LogLine.objects.count() == MOST_LINES + 1
    last = LogLine.objects.order_by("-pk").first()
    assert last is not None
    assert last.text == CUT


SECRET = "Tr0ub4dor&3-Zanzibar"


def test_a_secret_input_is_in_no_table_in_clear() -> None:
    seen: list[str] = []

    def tells(around: Surroundings) -> Result:
        seen.append(around.secret("password"))
        around.say(f"signing in with {SECRET}")
        return Result(sentence=f"Signed in with {SECRET}.", facts={"used": SECRET})

    set_.behave[""] = tells
    version = make_version([automation("do")], inputs={"password": {"type": "secret", "title": "Password"}})
    run = begin(version, inputs={"password": SECRET})
    go()
    assert seen == [SECRET]
    assert fresh(run).state == "done"
    assert LogLine.objects.get().text == "signing in with •••"
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{SECRET}%"])  # noqa: S608
            assert cursor.fetchone() == (0,), table
    assert Entry.objects.filter(subject=run.subject, verb="run.started").get().payload["inputs"] == {
        "password": "(secret)"
    }


def test_a_secret_that_is_a_number_is_in_no_fact_and_no_name_of_one() -> None:
    def tells(around: Surroundings) -> Result:
        pin = around.secret("pin")
        return Result(sentence="Done.", facts={"pin": int(pin), f"is_{pin}": True, "count": 3})

    set_.behave[""] = tells
    version = make_version([automation("do")], inputs={"pin": {"type": "secret", "title": "PIN"}})
    run = begin(version, inputs={"pin": "83920174"})
    go()
    assert row_of(run).facts == {"pin": "•••", "is_•••": True, "count": 3}


def test_an_execution_of_a_step_that_was_left_is_not_begun() -> None:
    otto = make_person("Otto")
    run = begin(make_version([automation("do")]))
    do(stop_run, run_id=run.pk, by=by(otto))
    assert claim([row_of(run).pk], now=NOW, limit=1) == []
    assert set_.called() == []


def test_the_heartbeat_writes_what_was_said_while_the_action_goes_on() -> None:
    started = threading.Event()
    waiting = threading.Event()

    def talks(around: Surroundings) -> None:
        around.say("on my way")
        started.set()
        waiting.wait(10)

    set_.behave[""] = talks
    run = begin(make_version([automation("do")]), now=clock.now())
    executor = Executor(slots=1, name="test-talk")
    executor.add([row_of(run).pk])
    try:
        assert started.wait(5)
        assert until(LogLine.objects.exists) < 2
        assert row_of(run).state == "running"
    finally:
        waiting.set()
        until(executor.is_idle)
        executor.close()
