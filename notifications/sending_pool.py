"""Threads that call providers, each with a database connection of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog
from django.db import close_old_connections, connections

from notifications.channels.registry import all_carriers

Job = Callable[[], None]

IDLE_S: Final = 300.0
"""A thread without work closes its database connection after this."""

HANGS_S: Final = 2.9
"""A call that takes longer hangs: a connection that nobody answers is given up after 3 s, an answer after 5."""
TOO_MANY: Final = 4
MOST_REMEMBERED: Final = 2 * TOO_MANY
"""So many quick calls make a kind a quick one again."""

log = structlog.get_logger(__name__)


class Hanging:
    """Remembers which kinds of calls hang, in this process's memory and under its own lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def note(self, kind: str, *, took_s: float) -> None:
        """Note how long a call of this kind took."""
        with self._lock:
            count = self._counts[kind] + (1 if took_s > HANGS_S else -1)
            self._counts[kind] = min(max(count, 0), MOST_REMEMBERED)

    def kinds(self) -> list[str]:
        """Return the kinds of which several calls hung, more than were quick since."""
        with self._lock:
            return sorted(kind for kind, count in self._counts.items() if count >= TOO_MANY)


hanging: Final = Hanging()
"""Those of this process."""


class SendingPool:
    """Up to `slots` calls at the same time. Whoever wants to send takes slots first and then claims only so many
    deliveries: a claimed one never waits, and one hanging provider call holds up nothing but its own slot."""

    def __init__(self, *, slots: int, name: str, idle_s: float = IDLE_S) -> None:
        self._slots = slots
        self._name = name
        self._idle_s = idle_s
        self._change = threading.Condition()
        self._free = slots
        self._threads: set[threading.Thread] = set()
        self._jobs: queue.SimpleQueue[tuple[Job, str] | None] = queue.SimpleQueue()
        self._under_way: Counter[str] = Counter()
        self._waiting = 0
        self.finished = 0

    def take(self, *, at_most: int, wait_s: float) -> int:
        """Take 1 to `at_most` slots as soon as any is free; 0 when none got free within `wait_s` seconds."""
        with self._change:
            self._change.wait_for(lambda: self._free > 0, timeout=wait_s)
            taken = min(self._free, at_most)
            self._free -= taken
            return taken

    def give_back(self, slots: int) -> None:
        """Give slots back that no job was submitted for."""
        if slots:
            with self._change:
                self._free += slots
                self._change.notify_all()

    def crowded(self) -> tuple[list[str], int | None]:
        """Return the kinds of which no further call may begin now, and how many calls may of any other; None: no limit.

        A kind whose calls hang holds half of the slots at most, so that a provider that hangs delays no other's.
        """
        most, kinds = max(1, self._slots // 2), hanging.kinds()
        with self._change:
            left = {kind: most - self._under_way[kind] for kind in kinds}
        return [kind for kind in kinds if left[kind] <= 0], min((n for n in left.values() if n > 0), default=None)

    def share(self, slots: int) -> tuple[int, list[str]]:
        """Return how many of the `slots` just taken may be used in one go, and for which kinds of calls none may: see
        `crowded`. Gives the others back."""
        full, room = self.crowded()
        if room is None or room >= slots:
            return slots, full
        self.give_back(slots - room)
        return room, full

    def submit(self, job: Job, *, kind: str = "") -> None:
        """Run `job`, a call of this kind, in a thread; uses one slot that was taken before, and gives it back."""
        with self._change:
            self._under_way[kind] += 1
            if not self._waiting:
                thread = threading.Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.add(thread)
                thread.start()
            else:
                self._waiting -= 1
        self._jobs.put((job, kind))

    def is_idle(self) -> bool:
        """Tell whether every slot is free."""
        with self._change:
            return self._free == self._slots

    def wait(self, *, within_s: float) -> None:
        """Return when a slot got free or all of them are, or after `within_s` seconds."""
        with self._change:
            before = self.finished
            self._change.wait_for(lambda: self.finished != before or self._free == self._slots, timeout=within_s)

    def close(self, *, within_s: float = 10.0) -> None:
        """Let the threads finish what they do and end, their connections closed."""
        deadline = time.monotonic() + within_s
        with self._change:
            threads = list(self._threads)
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        try:
            while True:
                found = self._next()
                if found is None:
                    return
                self._run(*found)
        finally:
            _let_go()
            with self._change:
                self._threads.discard(threading.current_thread())

    def _next(self) -> tuple[Job, str] | None:
        while True:
            try:
                return self._jobs.get(timeout=self._idle_s)
            except queue.Empty:
                _let_go()

    def _run(self, job: Job, kind: str) -> None:
        began = time.monotonic()
        try:
            close_old_connections()
            job()
        except Exception:
            # The edge of a loop that must survive: the lease brings the delivery back.
            log.exception("sending_failed")
            connections.close_all()
        finally:
            if kind:
                hanging.note(kind, took_s=time.monotonic() - began)
            with self._change:
                self._free += 1
                self._under_way[kind] -= 1
                self._waiting += 1
                self.finished += 1
                self._change.notify_all()


def _let_go() -> None:
    """Close what this thread keeps: its database connection, and what the channels keep for it."""
    connections.close_all()
    for channel in all_carriers():
        channel.let_go()
