"""The heartbeat of a process that works: it moves leases on, and hears which chunks are to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Final

from django.db import connection

from engine import clock
from engine.heartbeat import Heartbeat
from resets.work.claim import LEASE, Claimed

EVERY_S: Final = 1.0
LONGEST_S: Final = 1800.0
"""A chunk that takes longer is given up: its lease ends, as if its process had died."""

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

    @property
    def key(self) -> int:
        """The leased chunk's id."""
        return self.claimed.id

    def stopped(self) -> bool:
        """Tell whether to stop at the next safe point: the reset is paused or aborted, or the chunk is not ours."""
        return self._stop.is_set()

    def stop_now(self) -> None:
        """Have `stopped` answer yes from now on."""
        self._stop.set()

    def is_given_up(self) -> bool:
        """Tell whether nobody waits for it any more."""
        return time.monotonic() >= self._given_up_at


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


def heartbeat() -> Heartbeat[Watched]:
    """Return the heartbeat of a process that works at chunks."""
    return Heartbeat(name="resets", every_s=EVERY_S, turn=beat)
