"""The loop goes on: whatever a duty does, and whatever happens to the database's connections."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, connection

from engine import queries, wake
from engine.duties import Duty, Tick
from engine.loop import Loop
from engine.models import DutyBeat
from tests.engine.machinery import Looks, eventually, running

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_duty_that_raises_stops_no_other_and_comes_back() -> None:
    failing, steady = Looks(), Looks()

    def fail_twice(tick: Tick) -> int:
        failing(tick)
        if len(failing) <= 2:
            raise ValueError("no such number\0 ☎")
        return 0

    with running(
        Duty(name="failing", run=fail_twice, every_s=0.05),
        Duty(name="steady", run=steady, every_s=0.05),
    ):
        eventually(lambda: len(failing) >= 4 and len(steady) >= 4)
        eventually(lambda: DutyBeat.objects.get(name="failing").runs)
    row = DutyBeat.objects.get(name="failing")
    assert (row.errors, row.last_error) == (2, "ValueError: no such number ☎")
    assert row.last_error_at is not None


def test_after_each_error_the_pause_grows() -> None:
    looks: list[float] = []

    def fail(_tick: Tick) -> int:
        looks.append(time.monotonic())
        raise ValueError("again")

    with running(Duty(name="failing", run=fail, every_s=0.01)):
        for _ in range(20):
            wake.wake("failing")  # being woken does not shorten the pause
            time.sleep(0.05)
    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert len(looks) <= 5
    assert pauses == sorted(pauses)
    assert pauses[0] >= 0.1


def test_a_statement_that_hangs_is_cut_by_the_budget() -> None:
    errors: list[str] = []

    def hang(_tick: Tick) -> int:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
        except DatabaseError as error:
            errors.append(str(error))
            raise
        return 0

    others = Looks()
    with running(
        Duty(name="hanging", run=hang, budget_s=0.3),
        Duty(name="steady", run=others, every_s=0.05),
    ):
        took_s = eventually(lambda: errors)
    assert 0.25 < took_s < 3
    assert "statement timeout" in errors[0]
    assert len(others) >= 3


def test_a_transaction_left_open_is_ended_and_its_locks_go() -> None:
    DutyBeat.objects.create(name="row", beat=datetime.now(UTC))
    release, locked = threading.Event(), threading.Event()

    def hold(_tick: Tick) -> int:
        from django.db import transaction

        with transaction.atomic():
            DutyBeat.objects.select_for_update().get(name="row")
            locked.set()
            release.wait(10)  # hangs outside the database
        return 0

    with running(Duty(name="holding", run=hold, budget_s=0.3)):
        assert locked.wait(5)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'; UPDATE engine_duty SET done = 1 WHERE name = 'row'")
            cursor.execute("RESET lock_timeout")
        release.set()


def test_lost_connections_are_made_anew() -> None:
    looks = Looks()
    with running(Duty(name="steady", run=looks, every_s=0.05)):
        eventually(lambda: len(looks) >= 2)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        before = len(looks)
        eventually(lambda: len(looks) >= before + 3)


def test_a_duty_that_looks_rarely_keeps_no_connection_in_between() -> None:
    pids: dict[str, set[int]] = {"often": set(), "rarely": set()}

    def session(name: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids[name].add(cursor.fetchone()[0])
        return 0

    def connected(name: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [list(pids[name])])
            return bool(cursor.fetchone()[0])

    with running(
        Duty(name="often", run=lambda _tick: session("often")),
        Duty(name="rarely", run=lambda _tick: session("rarely"), every_s=10.0),
    ):
        eventually(lambda: pids["often"] and pids["rarely"])
        eventually(lambda: not connected("rarely"))
        assert connected("often")
        wake.wake("rarely")
        eventually(lambda: len(pids["rarely"]) == 2)


def test_work_is_done_at_once_while_there_is_more() -> None:
    rows = list(range(20))
    with running(Duty(name="busy", run=lambda _tick: len([rows.pop()]) if rows else 0, every_s=60)):
        assert eventually(lambda: not rows) < 2


def test_a_woken_duty_looks_now_and_an_unwoken_one_every_second() -> None:
    looks = Looks()
    with running(Duty(name="sleepy", run=looks, every_s=1.0)):
        eventually(lambda: len(looks))
        time.sleep(0.2)
        wake.after_commit("sleepy")
        assert eventually(lambda: len(looks) == 2) < 0.5
        eventually(lambda: len(looks) == 3)
    assert 0.9 < looks.at[2] - looks.at[1] < 1.5


def test_a_wake_up_during_a_look_is_not_lost() -> None:
    looking, go_on = threading.Event(), threading.Event()
    looks: list[int] = []

    def look(_tick: Tick) -> int:
        looks.append(1)
        looking.set()
        go_on.wait(5)
        return 0

    with running(Duty(name="busy", run=look, every_s=60)):
        assert looking.wait(5)
        wake.wake("busy")
        go_on.set()
        eventually(lambda: len(looks) == 2)


def test_beats_are_written_once_a_second_and_count_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine import duties

    duty = Duty(name="busy", run=lambda _tick: 0, every_s=0.02)
    monkeypatch.setattr(duties, "_registered", {"busy": duty, "absent": Duty(name="absent", run=lambda _tick: 0)})
    beats: set[datetime] = set()
    with running(duty):

        def seen() -> bool:
            beats.add(DutyBeat.objects.get(name="busy").beat)
            return len(beats) >= 4

        eventually(seen, within_s=6)
        states = queries.duties()
    ordered = sorted(beats)[1:]  # the first one is the announcement's
    assert all(later - earlier >= timedelta(seconds=0.9) for earlier, later in pairwise(ordered))
    assert DutyBeat.objects.get(name="busy").runs > 10
    assert not states["busy"].late
    assert states["busy"].lag_s < 2
    assert states["absent"].late
    assert states["absent"].beat is None


def test_two_engines_share_one_beat_and_both_are_counted() -> None:
    duty = Duty(name="shared", run=lambda _tick: 0, every_s=0.1)
    with running(duty), running(duty):
        eventually(lambda: DutyBeat.objects.get(name="shared").runs >= 25, within_s=6)


def test_a_duty_that_is_behind_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine import duties

    monkeypatch.setattr(duties, "_registered", {"slow": Duty(name="slow", run=lambda _tick: 0, every_s=60)})
    row = DutyBeat.objects.create(name="slow", beat=datetime.now(UTC) - timedelta(seconds=80))
    assert not queries.duties()["slow"].late
    row.beat = datetime.now(UTC) - timedelta(seconds=100)
    row.save()
    state = queries.duties()["slow"]
    assert state.late
    assert 39 < state.lag_s < 45


def test_a_look_that_hangs_outside_the_database_is_named() -> None:
    release = threading.Event()
    stopping = threading.Event()
    loop = Loop([Duty(name="hung", run=lambda _tick: release.wait(10) and 0, budget_s=0.1)], stopping=stopping)
    loop.start()
    assert loop.stuck() == ""
    eventually(lambda: loop.stuck() == "duty-hung")
    stopping.set()
    assert not loop.stop(within_s=0.1)
    release.set()
    assert loop.stop(within_s=5)
