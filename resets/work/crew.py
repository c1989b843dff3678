"""The threads of one process that work chunks off; they come with the work and go with it."""

from __future__ import annotations

import threading
import time
from typing import Final

import structlog
from django.db import close_old_connections, connections

from engine import clock
from resets.work.carry_out import Kept, carry_out
from resets.work.claim import Claimed, claim
from resets.work.hashing import hashers
from resets.work.heartbeat import heartbeat

THREADS: Final = 4
"""Chunks under way in one process. More machines bring more processes."""
LOOK_S: Final = 0.25
LINGER_S: Final = 3.0
"""How long one thread looks for more after the last chunk; the engine wakes crews that have gone."""
FAIR_S: Final = 10.0
"""So long a thread prefers the host it is at and the system whose connection it has open."""
PAUSE_S: Final = 1.0
HASHED: Final = ("rotate",)
"""Phases whose chunks wait for hashes: a thread without a seat at the hashers takes other work."""

log = structlog.get_logger(__name__)


class Crew:
    """Up to `threads` threads. `wake` starts one, and each that finds work has another one look as well.

    Of those that find nothing one stays for a while and looks on; the others end.
    """

    def __init__(self, *, threads: int, name: str) -> None:
        self._most = threads
        self._name = name
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._looker: threading.Thread | None = None
        self._bell = threading.Event()
        self._closing = False
        self._heartbeat = heartbeat()

    def wake(self) -> None:
        """Have somebody look for work now. Never blocks."""
        with self._lock:
            if self._closing:
                return
            if self._looker is not None:
                self._bell.set()
            elif len(self._threads) < self._most:
                thread = threading.Thread(target=self._run, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.add(thread)
                thread.start()

    def is_idle(self) -> bool:
        """Tell whether no thread is left."""
        with self._lock:
            return not self._threads

    def close(self, *, within_s: float = 2.0) -> None:
        """Begin nothing more and give what runs a moment; what does not end in it is taken over by somebody else."""
        self._closing = True
        self._bell.set()
        until = time.monotonic() + within_s
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        hashers().close()

    def _run(self) -> None:
        kept = Kept()
        try:
            self._work(kept)
        finally:
            kept.close()
            connections.close_all()
            with self._lock:
                self._threads.discard(threading.current_thread())
                if self._looker is threading.current_thread():
                    self._looker = None
                is_last = not self._threads
            if is_last:
                hashers().close()

    def _work(self, kept: Kept) -> None:
        looks_until, fair_until = 0.0, time.monotonic() + FAIR_S
        last: Claimed | None = None
        while not self._closing:
            moment = time.monotonic()
            if moment >= fair_until:
                last, fair_until = None, moment + FAIR_S
            last = self._one(kept, near=last)
            if last is not None:
                looks_until = 0.0
                continue
            looks_until = looks_until or moment + LINGER_S
            if moment >= looks_until or not self._looks_on():
                return
            kept.close()
            self._bell.wait(LOOK_S)
            self._bell.clear()

    def _one(self, kept: Kept, *, near: Claimed | None) -> Claimed | None:
        """Claim a chunk and carry it out, having somebody else look meanwhile; return it, None when there was none."""
        is_seated = hashers().take_seat()
        try:
            close_old_connections()
            claimed = claim(now=clock.now(), near=near, but=() if is_seated else HASHED)
            if claimed is None:
                return None
            if is_seated and claimed.phase not in HASHED:
                hashers().leave_seat()
                is_seated = False
            with self._lock:
                if self._looker is threading.current_thread():
                    self._looker = None
            self.wake()
            carry_out(claimed, kept=kept, heartbeat=self._heartbeat)
        except Exception:
            # The edge of a loop that must survive: the lease brings the chunk back as soon as the database is there.
            log.exception("resets_work_failed")
            kept.close()
            connections.close_all()
            time.sleep(PAUSE_S)
            return None
        finally:
            if is_seated:
                hashers().leave_seat()
        return claimed

    def _looks_on(self) -> bool:
        """Be the one that looks on, unless there is one already; tell whether it is this thread."""
        with self._lock:
            if self._looker is None:
                self._looker = threading.current_thread()
            return self._looker is threading.current_thread()
