"""The heartbeat of a process that works: it moves leases on, and hears which chunks are to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Final

import structlog
from django.db import connection, connections

from engine import clock
from resets.work.claim import LEASE, Claimed

EVERY_S: Final = 1.0
LONGEST_S: Final = 1800.0
"""A chunk that takes longer is given up: its lease ends, as if its process had died."""

log = structlog.get_logger(__name__)

_BEAT: Final = """
UPDATE resets_chunk c SET lease_until = %(lease_until)s
FROM unnest(%(ids)s::bigint[], %(fences)s::int[]) AS mine (id, fence), resets_phase p, resets_reset r
WHERE c.id = mine.id AND c.fence = mine.fence AND c.state = 'leased' AND p.id = c.phase_id AND r.id = p.reset_id
RETURNING c.id, r.state <> 'running'
"""


class Watched:
    """One chunk under way: whether it is to stop."""

    def __init__(self, claimed: Claimed) -> None:
        self.claimed = claimed
        self._stop = threading.Event()
        self._given_up_at = time.monotonic() + LONGEST_S

    def stopped(self) -> bool:
        """Tell whether to stop at the next safe point: the reset is paused or aborted, or the chunk is not ours."""
        return self._stop.is_set()

    def stop_now(self) -> None:
        """Have `stopped` answer yes from now on."""
        self._stop.set()

    def is_given_up(self) -> bool:
        """Tell whether nobody waits for it any more."""
        return time.monotonic() >= self._given_up_at


class Heartbeat:
    """Keeps what this process works at; its thread runs only while there is something."""

    def __init__(self) -> None:
        self._more = threading.Condition()
        self._watched: dict[int, Watched] = {}
        self._thread: threading.Thread | None = None

    def add(self, watched: Watched) -> None:
        """Watch over a chunk from now on."""
        with self._more:
            self._watched[watched.claimed.id] = watched
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="resets-heartbeat", daemon=True)
                self._thread.start()

    def remove(self, watched: Watched) -> None:
        """Forget a chunk that has ended."""
        with self._more:
            if self._watched.get(watched.claimed.id) is watched:
                del self._watched[watched.claimed.id]

    def _run(self) -> None:
        while True:
            time.sleep(EVERY_S)
            with self._more:
                if not self._watched:
                    self._thread = None
                    break
                mine = {key: each for key, each in self._watched.items() if not each.is_given_up()}
            try:
                beat(mine)
            except Exception:
                # The edge of a loop that must survive: without the database the leases end, as if this process died.
                log.exception("resets_heartbeat_failed")
                connections.close_all()
        connections.close_all()


def beat(mine: Mapping[int, Watched]) -> None:
    """Move the leases of these chunks on; tell those that are to stop, or that somebody else has by now."""
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
