"""The heartbeat of a process that holds leases: one thread moves them on, and hears which holders are to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import structlog
from django.db import close_old_connections, connections

log = structlog.get_logger(__name__)


class Watched(Protocol):
    """Something under way that holds a lease."""

    @property
    def key(self) -> int:
        """The leased row's id."""

    def is_given_up(self) -> bool:
        """Tell whether nobody waits for it any more: its lease may end, as if its process had died."""


W = TypeVar("W", bound=Watched)


class Heartbeat(Generic[W]):
    """Keeps what this process holds. Its thread runs only while there is something, and calls `turn` with what has not
    been given up, by key, every `every_s` seconds. A turn that fails is logged, and the next one comes all the same:
    without the database the leases end, as if this process had died."""

    def __init__(self, *, name: str, every_s: float, turn: Callable[[Mapping[int, W]], None]) -> None:
        self._name = name
        self._every_s = every_s
        self._turn = turn
        self._lock = threading.Lock()
        self._watched: dict[int, W] = {}
        self._thread: threading.Thread | None = None

    def add(self, watched: W) -> None:
        """Watch over it from now on."""
        with self._lock:
            self._watched[watched.key] = watched
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"{self._name}-heartbeat", daemon=True)
                self._thread.start()

    def remove(self, watched: W) -> None:
        """Forget what has ended."""
        with self._lock:
            if self._watched.get(watched.key) is watched:
                del self._watched[watched.key]

    def _run(self) -> None:
        while True:
            time.sleep(self._every_s)
            with self._lock:
                if not self._watched:
                    self._thread = None
                    break
                mine = {key: each for key, each in self._watched.items() if not each.is_given_up()}
            try:
                close_old_connections()
                self._turn(mine)
            except Exception:
                # The edge of a loop that must survive.
                log.exception("heartbeat_failed", of=self._name)
                connections.close_all()
        connections.close_all()
