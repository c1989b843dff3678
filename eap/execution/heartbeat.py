"""The heartbeat of a process that executes: it moves the leases on, and hears who is to stop. One look a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from django.db import close_old_connections, connection, connections

from eap.execution.claim import LEASE, Claimed
from engine import clock

EVERY_S: Final = 1.0
FLUSH_S: Final = 0.25
"""How often what the actions said is written."""
GRACE_S: Final = 60.0
"""An action that is still there so long after its time is given up: its lease ends, as if its process had died."""

log = structlog.get_logger(__name__)

_BEAT: Final = """
UPDATE eap_steptarget t SET lease_until = %(lease_until)s
FROM unnest(%(ids)s::bigint[], %(fences)s::int[]) AS mine (id, fence), eap_runstep s, eap_run r
WHERE t.id = mine.id AND t.fence = mine.fence AND t.state = 'running' AND s.id = t.step_id AND r.id = t.run_id
RETURNING t.id, (r.stop = 'now' AND r.state = 'stopping') OR (t.purpose <> 'preview' AND s.state <> 'active')
"""


class Watched:
    """One execution under way: whether it is to stop, and until when it may take."""

    def __init__(self, claimed: Claimed, *, timeout_s: float, flush: Callable[[], None]) -> None:
        self.claimed = claimed
        self.flush = flush
        self._stop = threading.Event()
        self._ends_at = time.monotonic() + timeout_s

    def stopped(self) -> bool:
        """Tell the action whether to stop: somebody wished it, its time is over, or it is no longer ours."""
        return self._stop.is_set() or time.monotonic() >= self._ends_at

    def stop_now(self) -> None:
        """Have `stopped` answer yes from now on."""
        self._stop.set()

    def out_of_time(self) -> bool:
        """Tell whether its time is over."""
        return time.monotonic() >= self._ends_at

    def is_given_up(self) -> bool:
        """Tell whether it is so late that nobody waits for it any more."""
        return time.monotonic() >= self._ends_at + GRACE_S


class Heartbeat:
    """Keeps what this process executes; the thread runs only while there is something."""

    def __init__(self) -> None:
        self._more = threading.Condition()
        self._watched: dict[int, Watched] = {}
        self._thread: threading.Thread | None = None

    def add(self, watched: Watched) -> None:
        """Watch over an execution from now on."""
        with self._more:
            self._watched[watched.claimed.id] = watched
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="execution-heartbeat", daemon=True)
                self._thread.start()
            self._more.notify_all()

    def remove(self, watched: Watched) -> None:
        """Forget an execution that has ended."""
        with self._more:
            if self._watched.get(watched.claimed.id) is watched:
                del self._watched[watched.claimed.id]

    def _run(self) -> None:
        last = time.monotonic()
        while True:
            with self._more:
                self._more.wait_for(lambda: bool(self._watched))
            time.sleep(FLUSH_S)
            with self._more:
                mine = {key: each for key, each in self._watched.items() if not each.is_given_up()}
            try:
                close_old_connections()
                for each in mine.values():
                    each.flush()
                if mine and time.monotonic() - last >= EVERY_S:
                    last = time.monotonic()
                    beat(mine)
            except Exception:
                # The edge of a loop that must survive: without the database the leases end, as if this process died.
                log.exception("heartbeat_failed")
                connections.close_all()


def beat(mine: Mapping[int, Watched]) -> None:
    """Move the leases of these executions on, and tell those that are to stop, or that somebody else has by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BEAT,
            {
                "lease_until": clock.now() + LEASE,
                "ids": list(mine),
                "fences": [each.claimed.fence for each in mine.values()],
            },
        )
        wishes = dict(cursor.fetchall())
    for key, watched in mine.items():
        if wishes.get(key, True):
            watched.stop_now()
