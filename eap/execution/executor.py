"""An executor: threads of one process that carry out executions, as many at a time as there are slots."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

import structlog
from django.db import close_old_connections, connections

from eap.execution.claim import Claimed, claim
from eap.execution.execute import execute
from eap.execution.heartbeat import heartbeat
from engine import clock
from notifications.sending_pool import SendingPool

MOST_WAITING: Final = 20_000
"""Ids kept in memory; what comes beyond, the engine finds in the database."""
LOOKED_AT: Final = 1_000
PAUSE_S: Final = 0.2
LINGER_S: Final = 0.005

log = structlog.get_logger(__name__)


class Executor:
    """Takes ids of executions; a thread of its own claims as many as there are free slots and starts them.

    `add` never blocks. What is claimed begins at once: nothing that is ours ever waits.
    """

    def __init__(self, *, slots: int, name: str) -> None:
        self._pool = SendingPool(slots=slots, name=name)
        self._heartbeat = heartbeat()
        self._name = name
        self._more = threading.Condition()
        self._waiting: dict[int, None] = {}
        self._thread: threading.Thread | None = None
        self._closing = False

    def add(self, ids: Sequence[int]) -> None:
        """Take ids to carry out soon."""
        with self._more:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.update(dict.fromkeys(ids))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=f"{self._name}-dispatch", daemon=True)
                self._thread.start()
            self._more.notify_all()

    def is_idle(self) -> bool:
        """Tell whether nothing waits or runs here."""
        with self._more:
            return not self._waiting and self._pool.is_idle()

    def close(self, *, within_s: float = 2.0) -> None:
        """Take nothing more and give what runs a moment; what does not end in it is taken over by somebody else."""
        with self._more:
            self._closing = True
            self._more.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=1.0)
        self._pool.close(within_s=within_s)

    def _run(self) -> None:
        try:
            while not self._closing:
                self._round()
        finally:
            connections.close_all()

    def _round(self) -> None:
        with self._more:
            self._more.wait_for(lambda: bool(self._waiting) or self._closing)
            wanted = len(self._waiting)
        if self._closing:
            return
        slots = self._pool.take(at_most=wanted, wait_s=1.0)
        if not slots:
            return
        if slots < wanted:
            time.sleep(LINGER_S)  # one claim for several slots that come free together
            slots += self._pool.take(at_most=wanted - slots, wait_s=0)
        with self._more:
            ids = list(self._waiting)[:LOOKED_AT]
        claimed = self._start(ids, slots)
        with self._more:
            # Fewer than there were slots for: the others are not due, or somebody else has them.
            for each in [one.id for one in claimed] if len(claimed) >= slots else ids:
                self._waiting.pop(each, None)

    def _start(self, ids: Sequence[int], slots: int) -> list[Claimed]:
        claimed: list[Claimed] = []
        started = 0
        try:
            close_old_connections()
            claimed = claim(ids, now=clock.now(), limit=slots)
            for each in claimed:
                self._pool.submit(partial(execute, each, heartbeat=self._heartbeat))
                started += 1
        except Exception:
            # The edge of a loop that must survive: the engine finds these again as soon as the database is back.
            log.exception("claiming_failed")
            connections.close_all()
            time.sleep(PAUSE_S)
        finally:
            self._pool.give_back(slots - started)
        return claimed
