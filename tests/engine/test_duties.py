"""The registry, and doing what is due with a moved clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import clock, duties
from engine.duties import Duty, Tick, register, registered, run_once
from tests.engine.machinery import Looks

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_registry_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties, "_registered", {})


def test_a_name_is_taken_once() -> None:
    duty = Duty(name="pages", run=lambda _tick: 0)
    register(duty)
    register(duty)
    with pytest.raises(ValueError, match="'pages'"):
        register(Duty(name="pages", run=lambda _tick: 1))
    assert list(registered()) == ["pages"]


def test_run_once_goes_on_until_nothing_is_left_and_moves_the_clock() -> None:
    due = [NOON, NOON + timedelta(minutes=5), NOON + timedelta(minutes=10)]
    sent: list[datetime] = []

    def send_one(tick: Tick) -> int:
        ready = [at for at in due if at <= tick.now][:1]
        for at in ready:
            due.remove(at)
            sent.append(at)
        return len(ready)

    register(Duty(name="send", run=send_one))
    assert run_once("send", now=NOON - timedelta(seconds=1)) == 0
    assert run_once("send", now=NOON + timedelta(minutes=6)) == 2
    assert run_once(now=NOON + timedelta(minutes=10)) == 1
    assert len(sent) == 3


def test_one_duty_may_be_the_cause_of_another() -> None:
    waiting, sent = ["a"], []

    def pages(_tick: Tick) -> int:
        moved = len(waiting)
        sent.extend(waiting)
        waiting.clear()
        return moved

    def deliveries(_tick: Tick) -> int:
        if sent != ["a"]:
            return 0
        waiting.append("b")
        return 1

    register(Duty(name="pages", run=pages))
    register(Duty(name="deliveries", run=deliveries))
    assert run_once(now=NOON) == 3
    assert sent == ["a", "b"]


def test_errors_come_out_and_endless_work_is_named() -> None:
    register(Duty(name="broken", run=lambda _tick: 1 // 0))
    register(Duty(name="endless", run=lambda _tick: 1))
    with pytest.raises(ZeroDivisionError):
        run_once("broken", now=NOON)
    with pytest.raises(RuntimeError, match="endless"):
        run_once("endless", now=NOON)
    with pytest.raises(KeyError):
        run_once("unknown", now=NOON)


def test_a_tick_knows_its_budget() -> None:
    looks = Looks()
    register(Duty(name="short", run=looks, budget_s=0.0))
    register(Duty(name="long", run=looks, budget_s=30.0))
    run_once(now=NOON)
    assert [tick.out_of_time() for tick in looks.ticks] == [True, False]


@pytest.mark.django_db
def test_the_clock_is_the_databases_and_moves_inside_a_transaction() -> None:
    first, second = clock.now(), clock.now()
    assert first < second
    assert first.utcoffset() == timedelta(0)
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)
