"""The broker: speed, never truth. A daemon thread of this process writes to it; nobody else touches it.

What is handed over waits in memory for a moment and leaves in one pipelined write: wake-ups for engines, and Celery
messages that carry an id. When the broker is stopped, frozen or slow, the write is given up after 0.2 s and nothing is
tried for 1 s: what came meanwhile is dropped, because the engines find the same rows by looking.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from engine.envelope import envelope

SOCKET_S: Final = 0.2
BREAKER_S: Final = 1.0
MOST_WAITING: Final = 20_000
"""Ids kept per queue. A burst of this size takes the broker's thread under a second."""
BATCH: Final = 500
WAKE_KEY: Final = "muster:wake"
LAST_WRITE_S: Final = 0.3
"""How long a process that ends waits for its last write: a command that declares an incident is over at once."""

log = structlog.get_logger(__name__)


def connect(*, socket_s: float) -> redis.Redis:
    """Return a client for settings.REDIS_URL that gives up after `socket_s` and never tries again by itself."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        protocol=2,
        socket_timeout=socket_s,
        socket_connect_timeout=min(socket_s, SOCKET_S),
        retry=Retry(NoBackoff(), 0),
        retry_on_timeout=False,
        single_connection_client=False,
        max_connections=1,
    )


class Publisher:
    """Collects what is to be written and writes it from a thread of its own, which starts with the first use."""

    def __init__(self) -> None:
        self._more = threading.Condition()
        self._wakes: set[str] = set()
        self._messages: dict[str, deque[tuple[str, str]]] = {}
        self._writing = False
        self._thread: threading.Thread | None = None
        self._shut_until = float("-inf")
        self._broken = False
        self.dropped = 0

    def wake(self, names: Iterable[str]) -> None:
        """Wake these duties in engines elsewhere."""
        with self._more:
            self._wakes.update(names)
            self._start()

    def hand_over(self, task_name: str, ids: Sequence[str], queue: str) -> None:
        """Publish one message for each id."""
        with self._more:
            waiting = self._messages.setdefault(queue, deque())
            room = max(0, MOST_WAITING - len(waiting))
            waiting.extend((task_name, row_id) for row_id in ids[:room])
            self.dropped += max(0, len(ids) - room)
            self._start()

    def is_lost(self) -> bool:
        """Tell whether the last write failed."""
        return self._broken

    def settle(self, *, within_s: float) -> bool:
        """Wait until everything has been written or dropped; tell whether that came about within `within_s`."""
        deadline = time.monotonic() + within_s
        with self._more:
            return self._more.wait_for(self._is_idle, timeout=max(0.0, deadline - time.monotonic()))

    def _is_idle(self) -> bool:
        return not self._wakes and not any(self._messages.values()) and not self._writing

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
            self._thread.start()
        self._more.notify_all()

    def _run(self) -> None:
        client = connect(socket_s=SOCKET_S)
        while True:
            wakes, messages = self._take()
            try:
                self._write(client, wakes, messages)
            finally:
                with self._more:
                    self._writing = False
                    self._more.notify_all()

    def _take(self) -> tuple[list[str], dict[str, list[tuple[str, str]]]]:
        with self._more:
            self._more.wait_for(lambda: self._wakes or any(self._messages.values()))
            self._writing = True
            wakes, self._wakes = sorted(self._wakes), set()
            messages = {}
            for queue, waiting in self._messages.items():
                if waiting:
                    messages[queue] = [waiting.popleft() for _ in range(min(BATCH, len(waiting)))]
            return wakes, messages

    def _write(self, client: redis.Redis, wakes: list[str], messages: dict[str, list[tuple[str, str]]]) -> None:
        if time.monotonic() < self._shut_until:
            self.dropped += sum(len(batch) for batch in messages.values())
            return
        try:
            with client.pipeline(transaction=False) as pipeline:
                for queue, batch in messages.items():
                    pipeline.lpush(queue, *(envelope(task, row_id, queue=queue) for task, row_id in batch))
                if wakes:
                    pipeline.rpush(WAKE_KEY, *wakes)
                    pipeline.ltrim(WAKE_KEY, -100, -1)
                    pipeline.expire(WAKE_KEY, 10)  # nobody listens: the engines that start will look anyway
                pipeline.execute()
        except (RedisError, OSError) as error:
            self._shut_until = time.monotonic() + BREAKER_S
            self.dropped += sum(len(batch) for batch in messages.values())
            client.connection_pool.disconnect()
            if not self._broken:
                log.warning("broker_lost", error=str(error))
            self._broken = True
        else:
            if self._broken:
                log.info("broker_back", dropped=self.dropped)
            self._broken = False


_publisher = Publisher()


def publisher() -> Publisher:
    """Return this process's publisher."""
    return _publisher


def hand_over(task_name: str, ids: Sequence[str], queue: str) -> None:
    """Publish a Celery message `task_name(id)` to `queue` for each id, soon. Never blocks and never raises.

    Nothing is promised: what the broker does not take is found in the database by the engine. Call it after the commit,
    so that a worker finds the row.
    """
    _publisher.hand_over(task_name, ids, queue)


def is_lost() -> bool:
    """Tell whether what this process hands over is dropped at present, because the broker did not take the last of it.

    Known without asking: it is found out by handing something over, and so is the end of it.
    """
    return _publisher.is_lost()


def _forget_parent() -> None:
    global _publisher  # noqa: PLW0603 - a forked child has none of its parent's threads
    _publisher = Publisher()


os.register_at_fork(after_in_child=_forget_parent)
atexit.register(lambda: _publisher.settle(within_s=LAST_WRITE_S))
