"""Sending many: claim as many as there are free slots, send each in a thread, go on with the rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from django.db import close_old_connections, connections

from engine import clock
from notifications.operations.claim_deliveries import claim
from notifications.operations.send_delivery import send_claimed
from notifications.sending_pool import SendingPool

MOST_WAITING: Final = 20_000
"""Ids a worker keeps in memory; what comes beyond, the engine finds in the database."""
OLDEST: Final = 1_000
NEWEST: Final = 200
"""Ids looked at for one round of slots when very many wait: enough to see an urgent one that just came."""
LINGER_S: Final = 0.01
PAUSE_S: Final = 0.2

log = structlog.get_logger(__name__)


def send_due(ids: Sequence[int], *, pool: SendingPool, now: datetime, wait_s: float) -> int:
    """Claim and start sending those of `ids` that are due at `now`; return how many were started.

    Does not wait for the providers. What finds no free slot within `wait_s` seconds stays pending, for whoever has one.
    """
    began = time.monotonic()
    started, rest = 0, list(ids)
    while rest:
        slots = pool.take(at_most=len(rest), wait_s=wait_s)
        if not slots:
            break
        slots, full = pool.share(slots)
        moment = now + timedelta(seconds=time.monotonic() - began)
        started += _send(rest[:slots], pool=pool, slots=slots, not_of=full, now=moment)
        rest = rest[slots:]
    return started


def _send(ids: Sequence[int], *, pool: SendingPool, slots: int, not_of: Sequence[str], now: datetime) -> int:
    used = 0
    try:
        for claimed in claim(ids, now=now, not_of=not_of):
            pool.submit(partial(send_claimed, claimed), kind=claimed.channel)
            used += 1
    finally:
        pool.give_back(slots - used)
    return used


class Dispatcher:
    """Takes ids from the tasks of a worker and sends what is due, from a thread of its own, the most urgent first.

    Ids of many messages are claimed together, in one transaction for each round of free slots: a SEV1 that comes amid a
    burst does not wait for it. A provider that hangs soon holds half of the slots at most. A worker's task only adds
    ids here: it needs no database connection (Celery closes a task's connection each time) and is done at once.
    """

    def __init__(self, *, pool: SendingPool) -> None:
        self._pool = pool
        self._more = threading.Condition()
        self._waiting: dict[int, None] = {}
        self._thread: threading.Thread | None = None
        self._closing = False

    def close(self) -> None:
        """Finish what is under way and end the threads; what still waits stays pending, for the engine."""
        with self._more:
            self._closing = True
            self._more.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=1.0)
        self._pool.close()

    def add(self, ids: Sequence[int]) -> None:
        """Take ids to send soon; never blocks."""
        with self._more:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.update(dict.fromkeys(ids))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="send-dispatch", daemon=True)
                self._thread.start()
            self._more.notify_all()

    def _run(self) -> None:
        try:
            while not self._closing:
                self._next_round()
        finally:
            connections.close_all()

    def _next_round(self) -> None:
        with self._more:
            self._more.wait_for(lambda: bool(self._waiting) or self._closing)
            if self._closing:
                return
            wanted = len(self._waiting)
        slots = self._pool.take(at_most=wanted, wait_s=1.0)
        if not slots:
            return
        if slots < wanted:
            # One transaction for several slots: in a burst they come free one by one, a few milliseconds apart.
            time.sleep(LINGER_S)
            slots += self._pool.take(at_most=wanted - slots, wait_s=0)
        slots, full = self._pool.share(slots)
        with self._more:
            ids = list(self._waiting)
        ids = ids if len(ids) <= OLDEST + NEWEST else ids[:OLDEST] + ids[-NEWEST:]
        claimed = self._claim_and_send(ids, slots=slots, not_of=full)
        self._forget(ids, claimed, all_seen=len(claimed) < slots and not full)
        if full and not claimed:
            self._pool.wait(within_s=PAUSE_S)

    def _forget(self, ids: Sequence[int], claimed: Sequence[int], *, all_seen: bool) -> None:
        # Fewer than there were slots for: the others are not pending, not due, or somebody else has them.
        done = ids if all_seen else claimed
        with self._more:
            for each in done:
                self._waiting.pop(each, None)

    def _claim_and_send(self, ids: Sequence[int], *, slots: int, not_of: Sequence[str]) -> list[int]:
        """Claim and start at most `slots` of `ids`; return which were started. Gives back slots it does not use."""
        started: list[int] = []
        try:
            close_old_connections()
            for claimed in claim(ids, now=clock.now(), limit=slots, not_of=not_of):
                self._pool.submit(partial(send_claimed, claimed), kind=claimed.channel)
                started.append(claimed.id)
        except Exception:
            # The edge of a loop that must survive: the engine sends these as soon as the database is back.
            log.exception("dispatch_failed")
            connections.close_all()
            time.sleep(PAUSE_S)
        finally:
            self._pool.give_back(slots - len(started))
        return started
