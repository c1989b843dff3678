"""Hashes of secrets that nobody learns, made by processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from passlib.hash import sha512_crypt

from eap.actions.base import Stopped
from resets.work import hasher
from resets.work.hashing import PROGRAM, Hashers
from tests.supervisor.start import eventually


@pytest.fixture
def hashers() -> Iterator[Hashers]:
    """Two at a time."""
    hashers = Hashers(most=2)
    yield hashers
    hashers.close()


def never() -> bool:
    return False


def children() -> list[psutil.Process]:
    """Return the processes that hash for this one."""
    return [each for each in psutil.Process().children() if str(PROGRAM) in each.cmdline()]


def test_hashes_are_all_different_and_of_the_scheme_that_servers_read(hashers: Hashers) -> None:
    found = hashers.make(120, stopped=never)
    assert len(set(found)) == 120
    for each in found:
        assert sha512_crypt.identify(each)
        assert len(each) == 106
        assert sha512_crypt.from_string(each).rounds == 5_000


def test_both_ways_of_hashing_make_what_the_other_verifies() -> None:
    by_library, by_passlib = hasher._by_library(), hasher._by_passlib()
    assert sha512_crypt.verify("correct horse", by_passlib("correct horse"))
    if by_library is None:
        pytest.skip("The C library here does not know the scheme.")
    made = by_library("correct horse")
    assert sha512_crypt.verify("correct horse", made)
    assert not sha512_crypt.verify("correct house", made)


def test_no_more_processes_than_allowed_and_none_without_need(hashers: Hashers) -> None:
    before = len(children())
    threads = [threading.Thread(target=hashers.make, args=[60], kwargs={"stopped": never}) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(children()) - before <= 2
    hashers.close()
    assert len(children()) == before


def test_a_process_that_was_killed_is_replaced(hashers: Hashers) -> None:
    hashers.make(1, stopped=never)
    for each in children():
        each.kill()
        each.wait()
    with pytest.raises(Exception, match="ended") as raised:
        hashers.make(1, stopped=never)
    assert getattr(raised.value, "passing", False), "the chunk is done again"
    assert len(hashers.make(3, stopped=never)) == 3


def test_it_stops_when_told_to(hashers: Hashers) -> None:
    asked: list[None] = []

    def after_the_first() -> bool:
        asked.append(None)
        return len(asked) > 1

    with pytest.raises(Stopped):
        hashers.make(100_000, stopped=after_the_first)


def test_there_is_a_seat_for_each_process_and_one_who_waits(hashers: Hashers) -> None:
    assert [hashers.take_seat() for _ in range(4)] == [True, True, True, False]
    hashers.leave_seat()
    assert hashers.take_seat()


def test_who_waits_for_a_turn_hears_a_stop(hashers: Hashers) -> None:
    over = threading.Event()
    at_work: set[int] = set()

    def stopped() -> bool:
        at_work.add(threading.get_ident())
        return over.is_set()

    def hash_on() -> None:
        with suppress(Stopped):
            hashers.make(1_000_000, stopped=stopped)

    longs = [threading.Thread(target=hash_on) for _ in range(2)]
    for thread in longs:
        thread.start()
    try:
        eventually(lambda: len(at_work) == 2, within_s=60, what="Both turns taken")
        with pytest.raises(Stopped):
            hashers.make(50, stopped=lambda: True)
        assert all(thread.is_alive() for thread in longs)
    finally:
        over.set()
        for thread in longs:
            thread.join()


def test_the_process_ends_with_whoever_started_it() -> None:
    starter = (
        "import sys; sys.path.insert(0, sys.argv[1]); from resets.work.hashing import _start;"
        " process = _start(); print(process.pid, flush=True); input()"
    )
    root = str(Path(__file__).resolve().parents[3])
    parent = subprocess.Popen(
        [sys.executable, "-c", starter, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()

    def is_gone() -> bool:
        return not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE

    eventually(is_gone, within_s=20, what="The end of the process")


def test_nothing_of_a_secret_is_in_its_arguments_or_environment(hashers: Hashers) -> None:
    hashers.make(1, stopped=never)
    (process,) = children()
    assert process.cmdline() == [sys.executable, "-I", str(PROGRAM)]
    assert set(process.environ()) <= {"PATH", "LC_ALL", "LC_CTYPE"}
    assert os.getpid() == process.ppid()
