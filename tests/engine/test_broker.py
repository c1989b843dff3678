"""The broker may be stopped, frozen or emptied: nobody waits for it, and afterwards it is used again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
import redis
from django.db import transaction
from pytest_django import Settings

from engine import broker, wake
from engine.duties import Duty
from supervisor.spawn import end
from tests.engine.machinery import Looks, eventually, running
from tests.servers import start, throwaway_folder, throwaway_valkey

NEVER_LONGER_S = 0.05


@dataclass
class Valkey:
    """A Valkey of the test's own."""

    url: str
    child: subprocess.Popen[bytes]

    def freeze(self) -> None:
        os.kill(self.child.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.child.pid, signal.SIGCONT)

    def queue(self, name: str) -> int:
        with redis.Redis.from_url(self.url) as client:
            return int(client.llen(name))


@pytest.fixture
def valkey(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    """A Valkey that this test may ill-treat, and a publisher that knows no other."""
    folder = throwaway_folder()
    server = throwaway_valkey(folder)
    child = start(server)
    settings.REDIS_URL = server.url()
    monkeypatch.setattr(broker, "_publisher", broker.Publisher())
    try:
        yield Valkey(url=server.url(), child=child)
    finally:
        if child.poll() is None:
            os.kill(child.pid, signal.SIGCONT)
        end(child, first=server.stop_signal, patience_s=5)
        shutil.rmtree(folder)


def assert_nobody_is_held(calls: int = 20, pause_s: float = 0.05) -> None:
    """Hand over and wake `calls` times; no caller may be held for as long as one wait for the broker takes (0.2 s), and
    but for one that the machine's other work interrupted, none for 50 ms."""
    took_s = []
    for number in range(calls):
        with transaction.atomic():
            wake.after_commit("elsewhere")
            started = time.monotonic()
        broker.hand_over("tests.send", [str(number)] * 100, "page")
        took_s.append(time.monotonic() - started)
        time.sleep(pause_s)
    *others, longest = sorted(took_s)
    assert longest < broker.SOCKET_S
    assert others[-1] < NEVER_LONGER_S


@pytest.mark.django_db(transaction=True)
def test_a_frozen_broker_holds_nobody(valkey: Valkey) -> None:
    assert_nobody_is_held(3)
    assert broker.publisher().settle(within_s=2)
    valkey.freeze()
    assert_nobody_is_held()
    assert broker.publisher().settle(within_s=2)
    assert broker.publisher().dropped >= 1000
    assert broker.is_lost()
    valkey.thaw()
    time.sleep(broker.BREAKER_S)
    before = valkey.queue("page")
    broker.hand_over("tests.send", ["last"], "page")
    eventually(lambda: valkey.queue("page") > before)
    eventually(lambda: not broker.is_lost())


@pytest.mark.django_db(transaction=True)
def test_a_stopped_broker_holds_nobody(valkey: Valkey) -> None:
    valkey.child.terminate()
    valkey.child.wait(5)
    assert_nobody_is_held()
    assert broker.publisher().settle(within_s=2)
    assert broker.publisher().dropped == 2000


@pytest.mark.django_db(transaction=True)
def test_what_is_handed_over_while_the_breaker_is_open_costs_nothing(valkey: Valkey) -> None:
    valkey.freeze()
    broker.hand_over("tests.send", ["1"], "page")
    assert broker.publisher().settle(within_s=2)
    started = time.monotonic()
    broker.hand_over("tests.send", ["2"], "page")
    assert broker.publisher().settle(within_s=2)
    assert time.monotonic() - started < broker.SOCKET_S
    assert broker.publisher().dropped == 2


def test_a_thousand_ids_leave_at_once(valkey: Valkey) -> None:
    broker.hand_over("tests.send", ["warm"], "page")
    assert broker.publisher().settle(within_s=2)
    started = time.monotonic()
    broker.hand_over("tests.send", [str(number) for number in range(1000)], "page")
    assert broker.publisher().settle(within_s=2)
    assert time.monotonic() - started < 0.4, "Celery's own way takes 0.4 to 1 s"
    assert valkey.queue("page") == 1001


def test_a_full_queue_drops_the_newest_and_shuts_out_no_other(valkey: Valkey) -> None:
    valkey.freeze()
    broker.hand_over("tests.send", [str(number) for number in range(3 * broker.MOST_WAITING)], "bulk")
    assert broker.publisher().dropped >= 2 * broker.MOST_WAITING
    valkey.thaw()
    assert broker.publisher().settle(within_s=10)
    time.sleep(broker.BREAKER_S)
    broker.hand_over("tests.send", ["urgent"], "page")
    eventually(lambda: valkey.queue("page") == 1)


@pytest.mark.django_db(transaction=True)
def test_the_loop_goes_on_at_its_look_whatever_the_broker_does(valkey: Valkey) -> None:
    looks = Looks()
    with running(Duty(name="steady", run=looks, every_s=1.0)):
        eventually(lambda: len(looks))
        valkey.freeze()
        eventually(lambda: len(looks) == 4, within_s=6)
        valkey.child.kill()
        valkey.child.wait(5)
        eventually(lambda: len(looks) == 6, within_s=6)
    assert max(later - earlier for earlier, later in pairwise(looks.at)) < 1.5


@pytest.mark.django_db(transaction=True)
def test_another_process_wakes_the_engine_through_the_broker_also_after_a_freeze(valkey: Valkey) -> None:
    looks = Looks()
    with running(Duty(name="sleepy", run=looks, every_s=60.0)):
        eventually(lambda: len(looks))
        time.sleep(0.2)
        elsewhere = broker.Publisher()
        elsewhere.wake(["sleepy", "unknown"])
        assert eventually(lambda: len(looks) == 2) < 0.5
        valkey.freeze()
        time.sleep(2.5)  # longer than the listener's patience
        valkey.thaw()

        def woken() -> bool:
            elsewhere.wake(["sleepy"])
            time.sleep(0.2)
            return len(looks) > 2

        eventually(woken, within_s=6)
        with redis.Redis.from_url(valkey.url) as client:
            client.flushall()
        time.sleep(0.2)
        before = len(looks)
        elsewhere.wake(["sleepy"])
        eventually(lambda: len(looks) > before)


def test_wakes_that_nobody_hears_do_not_pile_up(valkey: Valkey) -> None:
    for number in range(300):
        broker.publisher().wake([f"duty-{number}"])
    assert broker.publisher().settle(within_s=2)
    with redis.Redis.from_url(valkey.url) as client:
        assert client.llen(broker.WAKE_KEY) <= 100
        assert 0 < client.ttl(broker.WAKE_KEY) <= 10


@pytest.mark.django_db(transaction=True)
def test_nothing_is_woken_by_what_was_rolled_back() -> None:
    bell = wake.bell("rolled-back")
    bell.clear()
    with transaction.atomic():
        wake.after_commit("rolled-back")
        assert not bell.is_set()
        transaction.set_rollback(True)
    assert not bell.is_set()
    with transaction.atomic():
        wake.after_commit("rolled-back")
    assert bell.is_set()


def test_a_forked_child_has_a_publisher_of_its_own(valkey: Valkey) -> None:
    broker.hand_over("tests.send", ["parent"], "page")
    assert broker.publisher().settle(within_s=2)
    before, threads = broker.publisher(), threading.active_count()
    broker._forget_parent()
    assert broker.publisher() is not before
    broker.hand_over("tests.send", ["child"], "page")
    eventually(lambda: valkey.queue("page") == 2)
    assert threading.active_count() <= threads + 1
