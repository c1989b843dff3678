"""Chunks whose worker has not been heard of: they are done again, which is harmless, because each write is guarded."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from django.db import connection

from resets.rules.patience import MOST_TRIES

_FREE: Final = """
WITH dead AS (
    SELECT id, applied + unchanged + skipped + missed > 0 AS is_rest FROM resets_chunk
    WHERE state = 'leased' AND lease_until <= %(now)s LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
), freed AS (
    UPDATE resets_chunk c SET lease_until = NULL, tries = c.tries + 1,
        state = CASE WHEN c.tries + 1 < %(most)s THEN 'pending' WHEN dead.is_rest THEN 'done' ELSE 'failed' END,
        missed = CASE WHEN c.tries + 1 < %(most)s OR dead.is_rest THEN c.missed ELSE c.last - c.first + 1 END,
        due_at = %(now)s, code = 'worker_died', sentence = 'Its worker was not heard of any more.'
    FROM dead WHERE c.id = dead.id RETURNING c.id, c.state, c.fence
), rests AS (
    UPDATE resets_exceptional x SET state = 'failed', code = 'worker_died', at = %(now)s
    FROM freed WHERE freed.state = 'done' AND x.chunk_id = freed.id AND x.state = 'retry'
)
SELECT id, fence FROM freed
"""

log = structlog.get_logger(__name__)


def free_leases(*, now: datetime) -> int:
    """Take chunks whose lease is over from their workers; return how many. One that took its worker with it as often as
    a chunk is tried is given up."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, {"now": now, "most": MOST_TRIES})
        rows = cursor.fetchall()
    for chunk, fence in rows:
        log.warning("chunk_abandoned", chunk=chunk, fence=fence)
    return len(rows)
