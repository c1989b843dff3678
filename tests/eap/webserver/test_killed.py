"""A restore that is killed at each of the twelve steps, again and again, and goes on to the same end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

import psycopg
import pytest

from eap.actions.base import Stopped, Trouble
from eap.actions.webserver.bundle import WORDS, standard_input
from eap.actions.webserver.host.journal import STEPS, TWELVE
from eap.actions.webserver.restore import Restore
from tests.eap.webserver.world import World, connected, killed_at
from tests.engine.machinery import eventually


def test_a_restore_survives_kill_9_before_any_change_of_any_step(world: World) -> None:
    """Each step is killed before its first, second, fourth, tenth, … change, each time on what the kill before
    left behind, until it lives to its end."""
    world.answers("backup")
    world.damage()
    deaths = dict.fromkeys(STEPS, 0)
    for step in STEPS:
        number = 0
        while True:
            answer = world.ask(world.request("restore", step), words=killed_at(number))
            if answer.returncode == 0:
                break
            assert answer.returncode == -signal.SIGKILL, answer.stdout + answer.stderr
            deaths[step] += 1
            number = max(number * 3, number + 1)
    assert all(deaths[step] > 0 for step in TWELVE)
    assert sum(deaths.values()) > 2 * len(TWELVE)
    assert world.is_restored()
    assert {path.name for path in world.state.iterdir()} == {
        "journal.json", "manifest.jsonl", "database-before.dump", "site-before",
    }  # fmt: skip


def test_a_backup_that_is_killed_leaves_no_archive_and_the_next_one_tidies_up(world: World) -> None:
    number = 0
    while True:
        before = set(world.archives.glob("*.tar.gpg"))
        answer = world.ask(world.request("backup", keep=100), words=killed_at(number))
        if answer.returncode == 0:
            break
        for archive in set(world.archives.glob("*.tar.gpg")) - before:
            assert Path(f"{archive}.json").exists(), "what has its name is whole and described"
        number = max(number * 3, number + 1)
    assert number > 8
    left = {path.name for path in world.archives.iterdir()} - {".example.org.lock"}
    assert all(name.endswith((".tar.gpg", ".tar.gpg.json")) for name in left)
    world.damage()
    for step in STEPS:
        world.answers("restore", step)
    assert world.is_restored()


def test_what_still_runs_is_waited_for_and_not_done_twice(world: World) -> None:
    """The step's own process goes on when whoever called it is gone; the next call waits for it."""
    world.answers("backup")
    world.prepare("delete_archive")
    with socket.create_connection(("127.0.0.1", world.web_port)) as download:
        download.sendall(b"GET /slow/logo.bin HTTP/1.0\r\n\r\n")
        assert download.recv(100)
        first = _begun(world, "stop")
        eventually(lambda: not world.serves(), within_s=60)
        assert first.stdout is not None
        first.stdout.close()  # nobody listens any more
        second = _begun(world, "stop")
        assert second.stdout is not None
        assert second.stdout.readline() == "Another call is at work on this site; waiting for it.\n"
        assert first.poll() is None
    assert first.wait(60) == 0
    assert second.stdout.read() == f"The web server is stopped, port {world.web_port} refuses.\n"
    second.stdout.close()
    assert second.wait(60) == 0


def _begun(world: World, step: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(WORDS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(standard_input(world.request("restore", step)))
    process.stdin.close()
    return process


def test_a_killed_program_may_be_called_again_by_itself(world: World) -> None:
    """Killed from outside under Muster, the step fails for a passing reason; called again it comes to its end."""
    world.answers("backup")
    world.prepare("delete_archive")
    with socket.create_connection(("127.0.0.1", world.web_port)) as download:
        download.sendall(b"GET /slow/logo.bin HTTP/1.0\r\n\r\n")
        assert download.recv(100)
        killer = threading.Thread(target=lambda: eventually(lambda: _kill_the_program(world), within_s=60))
        killer.start()
        with pytest.raises(Trouble) as caught:
            Restore().apply(world.inputs("stop"), world.around(key="the-step"))
        killer.join()
    assert caught.value.passing
    result = Restore().apply(world.inputs("stop"), world.around(key="the-step"))
    assert "is stopped" in result.sentence
    assert any("was begun before" in line for line in world.log.lines)


def test_a_stopped_step_leaves_nothing_running_and_goes_on_later(world: World) -> None:
    world.answers("backup")
    world.prepare("delete_archive")
    stop = threading.Event()
    with socket.create_connection(("127.0.0.1", world.web_port)) as download:
        download.sendall(b"GET /slow/logo.bin HTTP/1.0\r\n\r\n")
        assert download.recv(100)
        watcher = threading.Thread(target=_stop_once_it_waits, args=(world, stop))
        watcher.start()
        with pytest.raises(Stopped) as caught:
            Restore().apply(world.inputs("stop"), world.around(key="stopped", stopped=stop.is_set))
        watcher.join()
        assert caught.value.confirmed
    assert "is stopped" in Restore().apply(world.inputs("stop"), world.around(key="stopped")).sentence


def _stop_once_it_waits(world: World, stop: threading.Event) -> None:
    eventually(lambda: not world.serves(), within_s=60)
    stop.set()


def _kill_the_program(world: World) -> bool:
    if world.serves():
        return False
    lock = world.state.parent / "lock"
    found = [path for path in Path("/proc").glob("[0-9]*/fd/*") if _leads_to(path, lock)]
    for path in found:
        os.kill(int(path.parts[2]), signal.SIGKILL)
    return bool(found)


def _leads_to(path: Path, lock: Path) -> bool:
    try:
        return path.readlink() == lock
    except OSError:
        return False


def test_whoever_holds_the_tables_does_not_hold_up_the_restore(world: World) -> None:
    world.answers("backup")
    world.damage()
    for step in STEPS[: STEPS.index("database")]:
        world.answers("restore", step)
    with connected(str(world.database["name"])) as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE customers")
        answer = world.ask(world.request("restore", "database"))
        assert answer.returncode == 0, answer.stdout
        assert "Ended 1 other sessions of this database." in answer.stdout
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 1")
