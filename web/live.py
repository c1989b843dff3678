"""Tell open screens that something changed: `NOTIFY` after the commit, in a transaction of its own.

Inside the changing transaction it would take the database's one notification lock and make commits wait for each
other. A daemon thread sends what came together in one statement; a request only adds to a set in memory. What gets
lost (database restarting) costs nothing but a moment: screens poll, and refetch when their stream reconnects.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import psycopg
import structlog
from django.conf import settings
from django.db import transaction

from web.wire import CHANNEL

COALESCE_S: Final = 0.03
"""How long the sender waits for more: a person does not see 30 ms, and a storm becomes one statement."""
MOST_WAITING: Final = 10_000
"""Subjects kept while the database is away; beyond that they are dropped (screens poll)."""

log = structlog.get_logger(__name__)


class Announcer:
    """Sends subjects by `NOTIFY` from a daemon thread with a connection of its own. One per process."""

    def __init__(self, *, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: set[str] = set()
        self._something = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._version = 0

    def announce(self, subjects: Iterable[str]) -> None:
        """Take subjects to send soon. Never blocks on the network and never raises."""
        with self._something:
            if self._process != os.getpid():
                # After a fork the thread is gone and the set is the parent's.
                self._process = os.getpid()
                self._waiting = set()
                self._thread = threading.Thread(target=self._run, name="live-announcer", daemon=True)
                self._thread.start()
            if len(self._waiting) < MOST_WAITING:
                self._waiting.update(subjects)
            self._something.notify()

    def _take(self) -> list[str]:
        with self._something:
            while not self._waiting:
                self._something.wait()
        time.sleep(COALESCE_S)
        with self._something:
            subjects, self._waiting = sorted(self._waiting), set()
        return subjects

    def _run(self) -> None:
        connection: psycopg.Connection | None = None
        pause_s = 0.2
        while True:
            subjects = self._take()
            try:
                if connection is None:
                    connection = psycopg.connect(
                        self._dsn, autocommit=True, connect_timeout=3, application_name="muster-live"
                    )
                self._send(connection, subjects)
                pause_s = 0.2
            except psycopg.Error as error:
                log.warning("live_announcement_failed", error=str(error).strip(), subjects=len(subjects))
                with suppress(psycopg.Error):
                    if connection is not None:
                        connection.close()
                connection = None
                self.announce(subjects)
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)

    def _send(self, connection: psycopg.Connection, subjects: list[str]) -> None:
        # A clock in ms that never stands still or goes back within this process.
        self._version = max(self._version + 1, time.time_ns() // 1_000_000)
        notes = [json.dumps({"subject": subject, "version": self._version}) for subject in subjects]
        connection.execute("SELECT pg_notify(%s, note) FROM unnest(%s::text[]) AS note", (CHANNEL, notes))


_announcer: Announcer | None = None
_creating = threading.Lock()


def _announce(subjects: tuple[str, ...]) -> None:
    global _announcer  # noqa: PLW0603  (one connection per process)
    with _creating:
        if _announcer is None:
            _announcer = Announcer(dsn=settings.LISTEN_DATABASE_URL)
    _announcer.announce(subjects)


def changed(*subjects: str) -> None:
    """Tell open screens, after the commit, that these subjects changed.

    Subjects: "incident:<id>", "page:<id>", "person:<id>", "incidents", "alerts", "settings". A rolled back
    transaction tells nobody. Screens fetch the new state themselves, under their own permission.
    """
    transaction.on_commit(lambda: _announce(subjects))
