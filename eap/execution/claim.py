"""Claim executions: one conditional update, so that each is carried out by one process at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

LEASE: Final = timedelta(seconds=15)
"""An execution whose executor has not been heard of for so long is taken over."""


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """An execution that is ours until its lease ends: nobody else records a result under this fence."""

    id: int
    run_id: UUID
    fence: int
    resuming: bool


_CLAIM: Final = """
WITH due AS (
    SELECT t.id FROM eap_steptarget t
    WHERE t.id = ANY(%(ids)s) AND t.state = 'pending' AND t.released_at <= %(now)s
      AND EXISTS (
        SELECT FROM eap_run r JOIN eap_runstep s ON s.run_id = r.id
        WHERE s.id = t.step_id AND (t.purpose = 'preview' OR s.state = 'active')
          AND (r.state = 'running' OR (r.state = 'stopping' AND r.stop <> 'now')))
    ORDER BY t.id LIMIT %(limit)s FOR NO KEY UPDATE OF t SKIP LOCKED
)
UPDATE eap_steptarget t SET state = 'running', lease_until = %(lease_until)s, fence = t.fence + 1,
    started_at = CASE WHEN t.resuming THEN t.started_at ELSE %(now)s END, stop_confirmed = NULL
FROM due WHERE t.id = due.id RETURNING t.id, t.run_id, t.fence, t.resuming
"""


def claim(ids: Sequence[int], *, now: datetime, limit: int) -> list[Claimed]:
    """Take those of `ids` that may begin at `now`, at most `limit`.

    What is not due, under way elsewhere, paused or stopped is left alone, so that a message that comes twice or late
    does nothing. One short transaction that waits for no lock.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"ids": list(ids), "now": now, "lease_until": now + LEASE, "limit": limit})
        rows = cursor.fetchall()
    return [Claimed(id=id_, run_id=run_id, fence=fence, resuming=resuming) for id_, run_id, fence, resuming in rows]


_DUE: Final = """
SELECT t.id FROM eap_steptarget t JOIN eap_run r ON r.id = t.run_id
WHERE t.state = 'pending' AND t.released_at <= %(before)s
  AND (r.state = 'running' OR (r.state = 'stopping' AND r.stop <> 'now'))
ORDER BY t.released_at LIMIT %(limit)s
"""


def due(*, before: datetime, limit: int) -> list[int]:
    """Return executions that were released by `before` and that nobody has taken, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"before": before, "limit": limit})
        return [row[0] for row in cursor.fetchall()]
