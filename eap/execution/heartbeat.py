"""The heartbeat of a process that executes: it moves the leases on, and hears who is to stop. One look a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from django.db import connection

from eap.execution.claim import LEASE, Claimed
from engine import clock
from engine.heartbeat import Heartbeat

EVERY_S: Final = 1.0
FLUSH_S: Final = 0.25
"""How often what the actions said is written."""
GRACE_S: Final = 60.0
"""An action that is still there so long after its time is given up: its lease ends, as if its process had died."""

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

    @property
    def key(self) -> int:
        """The leased target's id."""
        return self.claimed.id

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


class _Turn:
    """Writes what the actions said, and moves the leases on once a second."""

    def __init__(self) -> None:
        self._beaten_at = time.monotonic()

    def __call__(self, mine: Mapping[int, Watched]) -> None:
        for each in mine.values():
            each.flush()
        if mine and time.monotonic() - self._beaten_at >= EVERY_S:
            self._beaten_at = time.monotonic()
            beat(mine)


def heartbeat() -> Heartbeat[Watched]:
    """Return the heartbeat of a process that executes."""
    return Heartbeat(name="execution", every_s=FLUSH_S, turn=_Turn())


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
