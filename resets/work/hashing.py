"""The hashing processes of this worker: few, started when a hash is wanted, ended when none is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from eap.actions.base import Stopped, Trouble

PROGRAM: Final = Path(__file__).with_name("hasher.py")
BATCH: Final = 50
"""Asked for at once: a fifth of a second, after which a stop is heard."""
BATCH_S: Final = 0.2
AHEAD: Final = 1
"""So many chunks wait with their hashes still to be made beside those whose hashes are being made: while one is written
the next is hashed. More would only be kept from workers of other machines, which have a core for them."""


def half_the_cores() -> int:
    """Return how many processes hash at the same time: half the cores, at least one; pages have the others."""
    return max(1, len(os.sched_getaffinity(0)) // 2 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 2) // 2)


class Hashers:
    """Up to `most` processes. A thread has one for a chunk; what waits for one waits for its turn.

    A thread takes a seat before it claims a chunk that has to be hashed: there are as many as processes, and `AHEAD`.
    """

    def __init__(self, *, most: int) -> None:
        self._seats = threading.BoundedSemaphore(most + AHEAD)
        self._turns = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[str]] = []

    def make(self, count: int, *, stopped: Callable[[], bool]) -> list[str]:
        """Return `count` hashes (sha512-crypt) of secrets that nobody learns.

        Raises `Stopped` when it is told to stop, and a passing `Trouble` when a process ends by itself.
        """
        while not self._turns.acquire(timeout=BATCH_S):
            _go_on_unless(stopped)
        try:
            found: list[str] = []
            while len(found) < count:
                _go_on_unless(stopped)
                found += self._ask(min(BATCH, count - len(found)))
            return found
        finally:
            self._turns.release()

    def take_seat(self) -> bool:
        """Take a seat if there is one; give it back by `leave_seat`. Never blocks."""
        return self._seats.acquire(blocking=False)

    def leave_seat(self) -> None:
        """Give a seat back; raises `ValueError` when none was taken."""
        self._seats.release()

    def close(self) -> None:
        """End the processes that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            _end(process)

    def _ask(self, count: int) -> list[str]:
        with self._lock:
            process = self._idle.pop() if self._idle else None
        process = process or _start()
        try:
            assert process.stdin is not None  # noqa: S101 - pipes were asked for
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(f"{count}\n")
            process.stdin.flush()
            lines = [process.stdout.readline().rstrip("\n") for _ in range(count)]
        except (OSError, ValueError):
            lines = []
        if len(lines) != count or not all(line.startswith("$6$") for line in lines):
            _end(process)
            raise Trouble("The process that makes hashes ended.", passing=True)
        with self._lock:
            self._idle.append(process)
        return lines


def _go_on_unless(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Stopped("Stopped before anything was changed.", confirmed=True)


def _start() -> subprocess.Popen[str]:
    # -I: neither the folder of the program nor the environment decides what it imports.
    return subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
    )


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@cache
def hashers() -> Hashers:
    """Return this process's."""
    return Hashers(most=half_the_cores())
