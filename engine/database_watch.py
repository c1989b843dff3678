"""Losing the database: noticed and told without the database.

One thread writes to the database every few seconds and may hang in that. Another only counts how long ago the last
write succeeded, and after 60 s calls the alarms that were registered for this: they reach people by a provider, with
contacts that are kept outside the database (`settings.EMERGENCY_CONTACTS_FILE`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog
from django.db import close_old_connections, connection
from django.db.utils import Error as DatabaseError

NAME: Final = "database_watch"
PROBE_EVERY_S: Final = 5.0
PROBE_TIMEOUT: Final = "5s"
LOST_AFTER_S: Final = 60.0
REPEAT_AFTER_S: Final = 300.0

log = structlog.get_logger(__name__)

RingWithoutDatabase = Callable[[str], None]
"""Called as `ring(sentence)` in a thread of its own; must not use the database."""

_alarms: list[RingWithoutDatabase] = []


def register_alarm(ring: RingWithoutDatabase) -> None:
    """Have `ring(sentence)` called when the database has been lost for 60 s, and every 5 minutes until it is back."""
    if ring not in _alarms:
        _alarms.append(ring)


class DatabaseWatch:
    """Watches until `stopping`. The times are parameters so that a shorter patience can be configured where needed."""

    def __init__(
        self,
        *,
        stopping: threading.Event,
        probe_every_s: float = PROBE_EVERY_S,
        lost_after_s: float = LOST_AFTER_S,
        repeat_after_s: float = REPEAT_AFTER_S,
    ) -> None:
        self._stopping = stopping
        self._probe_every_s = probe_every_s
        self._lost_after_s = lost_after_s
        self._repeat_after_s = repeat_after_s
        self._good = threading.Event()
        self._last_error = ""

    def start(self) -> list[threading.Thread]:
        """Start both threads and return them."""
        threads = [
            threading.Thread(target=self._probe_until_stopping, name="database-probe", daemon=True),
            threading.Thread(target=self._judge_until_stopping, name="database-watch", daemon=True),
        ]
        for thread in threads:
            thread.start()
        return threads

    def _probe_until_stopping(self) -> None:
        while not self._stopping.is_set():
            try:
                self._probe()
                self._good.set()
            except DatabaseError as error:
                self._last_error = str(error).strip()
                connection.close()
            self._stopping.wait(self._probe_every_s)
        connection.close()

    def _probe(self) -> None:
        """Commit a row to disk: a database that only reads, or whose disk is full, is lost to us."""
        close_old_connections()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [PROBE_TIMEOUT])
            cursor.execute(
                "INSERT INTO engine_duty (name, beat, lag_s, runs, done, errors, last_error)"
                " VALUES (%s, clock_timestamp(), 0, 1, 0, 0, '')"
                " ON CONFLICT (name) DO UPDATE SET beat = excluded.beat, runs = engine_duty.runs + 1",
                [NAME],
            )

    def _judge_until_stopping(self) -> None:
        lost_s = 0.0
        next_alarm_s = self._lost_after_s
        while not self._stopping.is_set():
            before = time.monotonic()
            self._stopping.wait(self._probe_every_s)
            # What this process itself slept through (a suspended machine) counts as one look, not as an outage.
            lost_s += min(time.monotonic() - before, 2 * self._probe_every_s)
            if self._good.is_set():
                if next_alarm_s > self._lost_after_s:
                    log.warning("database_back")
                self._good.clear()
                lost_s, next_alarm_s = 0.0, self._lost_after_s
            elif lost_s >= next_alarm_s and not self._stopping.is_set():
                next_alarm_s = lost_s + self._repeat_after_s
                self._alarm(lost_s)

    def _alarm(self, lost_s: float) -> None:
        sentence = (
            f"Muster cannot write to its database for {lost_s:.0f} s. Pages are not going out. Restore PostgreSQL."
        )
        log.critical("database_lost", lost_s=round(lost_s), error=self._last_error, alarms=len(_alarms))
        for ring in _alarms:
            try:
                ring(sentence)
            except Exception:  # the next way to reach somebody is tried all the same
                log.exception("alarm_without_database_failed")
