"""The loop: one thread and one database connection for each duty, so that none waits for another. A duty that looks
rarely has its connection only while it looks.

An error costs its duty a pause and nothing else. A restarted database is found again by itself. Nothing here knows what
the duties do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import structlog
from django.db import close_old_connections, connection
from django.db.utils import Error as DatabaseError
from django.db.utils import InterfaceError, OperationalError

from engine import beats, wake
from engine.duties import Duty

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
RARELY_S: Final = 10.0
"""A duty that looks no more often gives its connection back in between: making one costs less than keeping it."""
STUCK_AFTER_BUDGETS: Final = 3.0
"""A look that runs this many budgets hangs outside the database, where nothing can cut it: the engine has to go."""

log = structlog.get_logger(__name__)


class DutyThread(threading.Thread):
    """Looks again and again, until stopping, whether `duty` has something to do."""

    def __init__(self, duty: Duty, *, stopping: threading.Event, first_after_s: float = 0.0) -> None:
        super().__init__(name=f"duty-{duty.name}", daemon=True)
        self._duty = duty
        self._stopping = stopping
        self._bell = wake.bell(duty.name)
        self._beats = beats.Beats(duty.name)
        self._due = time.monotonic() + first_after_s
        self._pause_s = FIRST_PAUSE_S
        self._looking_since: float | None = None

    def stuck_for_s(self) -> float:
        """Return for how many seconds the current look has been running beyond all measure; 0 when all is well."""
        since = self._looking_since
        if since is None:
            return 0.0
        ran_s = time.monotonic() - since
        return ran_s if ran_s > self._duty.budget_s * STUCK_AFTER_BUDGETS else 0.0

    def run(self) -> None:
        """Look until stopping."""
        while not self._stopping.is_set():
            self._bell.wait(timeout=max(0.0, self._due - time.monotonic()))
            self._bell.clear()
            if self._stopping.is_set():
                break
            self._looking_since = time.monotonic()
            try:
                self._look()
                self._pause_s = FIRST_PAUSE_S
            except Exception as error:  # noqa: BLE001 - the edge of the loop: a duty's error may not end its thread
                self._report(error)
                self._stopping.wait(self._pause_s)
                self._due = time.monotonic()
                self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            finally:
                self._looking_since = None
        connection.close()

    def _look(self) -> None:
        started = time.monotonic()
        close_old_connections()
        now = self._begin()
        done = self._duty.look(now=now)
        self._beats.beat(now=now, lag_s=max(0.0, started - self._due), done=done)
        self._due = time.monotonic() + (0.0 if done else self._duty.every_s)
        if not done and self._duty.every_s >= RARELY_S:
            connection.close()

    def _begin(self) -> datetime:
        """Read the time and bind this session to the duty's budget, in one round trip.

        A statement that takes longer is cancelled by the server; a transaction left open by a duty that hangs elsewhere
        is ended by it, so that the locks go.
        """
        budget = f"{int(self._duty.budget_s * 1000)}ms"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT clock_timestamp(), set_config('statement_timeout', %s, false),"
                " set_config('idle_in_transaction_session_timeout', %s, false)",
                [budget, budget],
            )
            now: datetime = cursor.fetchone()[0]
        return now

    def _report(self, error: Exception) -> None:
        if _is_lost_database(error):
            log.warning("duty_lost_database", duty=self._duty.name, error=str(error).strip())
        else:
            log.error("duty_failed", duty=self._duty.name, exc_info=error)
        try:
            connection.close()
            self._beats.error(error)
        except DatabaseError as unreachable:
            log.warning("duty_error_not_recorded", duty=self._duty.name, error=str(unreachable))
            connection.close()


def _is_lost_database(error: Exception) -> bool:
    """Tell whether the connection is gone (a restart, say), which is no fault of the duty's and needs no traceback."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))  # connection exception, operator intervention


class Loop:
    """All duties of one engine."""

    def __init__(self, duties: Iterable[Duty], *, stopping: threading.Event) -> None:
        self._duties = list(duties)
        self._stopping = stopping
        self._threads = [DutyThread(duty, stopping=stopping) for duty in self._duties]
        self._listener = wake.Listener(stopping=stopping)

    def start(self) -> None:
        """Start every duty's thread and listen for wake-ups."""
        for thread in self._threads:
            thread.start()
        self._listener.start()

    def stuck(self) -> str:
        """Return the name of a thread that hangs beyond all measure, or ""."""
        return next((thread.name for thread in self._threads if thread.stuck_for_s()), "")

    def stop(self, *, within_s: float) -> bool:
        """Let each duty finish its look; tell whether all did so within `within_s`. `stopping` is set before."""
        for duty in self._duties:
            wake.bell(duty.name).set()
        deadline = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)
