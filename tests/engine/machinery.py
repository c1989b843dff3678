"""A loop under the test's eyes, and a Valkey that may be stopped and frozen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine import beats
from engine.duties import Duty, Tick
from engine.loop import Loop


class Looks:
    """A duty that only notes when it looked (by `time.monotonic`) and with which tick."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.ticks: list[Tick] = []

    def __call__(self, tick: Tick) -> int:
        self.ticks.append(tick)
        self.at.append(time.monotonic())
        return 0

    def __len__(self) -> int:
        return len(self.at)


@contextmanager
def running(*duties: Duty) -> Iterator[Loop]:
    """Run `duties` as an engine does, and end every thread."""
    stopping = threading.Event()
    beats.announce([duty.name for duty in duties])
    loop = Loop(duties, stopping=stopping)
    loop.start()
    try:
        yield loop
    finally:
        stopping.set()
        assert loop.stop(within_s=5), "an engine ends within 5 s"


def eventually(true: Callable[[], object], *, within_s: float = 5.0) -> float:
    """Wait until `true()`; return the seconds it took, fail after `within_s`."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < within_s, "it did not come about in time"
        time.sleep(0.005)
    return time.monotonic() - started
