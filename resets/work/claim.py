"""Claim a chunk: first a host that may be asked, then its next chunk, in a short transaction that waits for no lock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from resets.backends.base import Guard
from resets.rules.patience import OPENS_AT

LEASE: Final = timedelta(seconds=15)
"""A chunk whose worker has not been heard of for so long is taken over."""
MOST_HOSTS: Final = 3
"""Hosts looked at in one go; a host may turn out to be busy once it is locked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A chunk that is ours until its lease ends: nobody else records a result under this fence.

    `is_rest`: it has had a result, and only its exceptions in state "retry" are to be done. `host_is_well`: no failure
    of its host was known when it was claimed.
    """

    id: int
    fence: int
    tries: int
    phase_id: int
    phase: str
    reset_id: UUID
    system_id: int
    shard: str
    wave: int
    first: int
    last: int
    is_rest: bool
    host_id: int
    host_is_well: bool
    guard: Guard

    @property
    def accounts(self) -> int:
        """Return how many accounts the whole chunk has."""
        return self.last - self.first + 1

    @property
    def subject(self) -> str:
        """Return the name under which screens know its reset."""
        return f"reset:{self.reset_id}"


SOON: Final = "set_config('synchronous_commit', 'off', true)"
"""Within a statement: its commit does not wait for the disk. What a crash of the database itself takes along of our own
records is done again, which is harmless."""
# As a value, not by EXISTS: asked for one host after the other, it never becomes a walk through all that is due.
_DUE: Final = """
SELECT true FROM resets_chunk c JOIN resets_phase p ON p.id = c.phase_id JOIN resets_reset r ON r.id = p.reset_id
WHERE c.system_id = h.system_id AND c.shard = h.shard AND c.state = 'pending' AND c.due_at <= %(now)s
  AND p.state = 'running' AND r.state = 'running' AND (r.free_at IS NULL OR r.free_at <= %(now)s)
  AND p.name <> ALL(%(but)s)
"""
_UNDER_WAY: Final = """
SELECT count(*) FROM resets_chunk o WHERE o.state = 'leased' AND o.system_id = h.system_id AND o.shard = h.shard
"""
_ROOM: Final = f"CASE WHEN h.failures >= {OPENS_AT} THEN 1 ELSE s.at_once END"
_READY: Final = f"""
(h.open_until IS NULL OR h.open_until <= %(now)s) AND (h.free_at IS NULL OR h.free_at <= %(now)s)
AND ({_UNDER_WAY}) < {_ROOM}
"""
_HOST: Final = f"""
SELECT h.id, {SOON} FROM resets_host h JOIN resets_system s ON s.id = h.system_id
WHERE {_READY} AND NOT (h.id = ANY(%(seen)s)) AND ({_DUE} LIMIT 1)
ORDER BY (h.system_id = %(near)s) DESC, random() LIMIT 1 FOR NO KEY UPDATE OF h SKIP LOCKED
"""  # noqa: S608 - our own words
_SAME_HOST: Final = f"SELECT id, {SOON} FROM resets_host WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"  # noqa: S608
# A second statement: it sees what committed before the lock was ours, so `at_once` holds exactly.
_CLAIM: Final = f"""
WITH host AS MATERIALIZED (
    SELECT h.system_id, h.shard, h.failures = 0 AND h.open_until IS NULL AS well
    FROM resets_host h JOIN resets_system s ON s.id = h.system_id WHERE h.id = %(host)s AND {_READY}
), running AS MATERIALIZED (
    SELECT p.id FROM resets_phase p JOIN resets_reset r ON r.id = p.reset_id
    WHERE p.state = 'running' AND r.state = 'running' AND (r.free_at IS NULL OR r.free_at <= %(now)s)
        AND p.name <> ALL(%(but)s)
), next AS (
    SELECT first.id, host.well FROM host CROSS JOIN LATERAL (
        SELECT c.id FROM resets_chunk c
        WHERE c.system_id = host.system_id AND c.shard = host.shard AND c.state = 'pending' AND c.due_at <= %(now)s
            AND c.phase_id IN (SELECT id FROM running)
        ORDER BY c.wave, c.first LIMIT 1 FOR NO KEY UPDATE OF c SKIP LOCKED
    ) AS first
)
UPDATE resets_chunk c SET state = 'leased', lease_until = %(lease_until)s, fence = c.fence + 1, started_at = %(now)s
FROM next, resets_phase p, resets_reset r, resets_system s
WHERE c.id = next.id AND p.id = c.phase_id AND r.id = p.reset_id AND s.id = c.system_id
RETURNING c.id, c.fence, c.tries, p.id, p.name, r.id, c.system_id, c.shard, c.wave, c.first, c.last,
    c.applied + c.unchanged + c.skipped + c.missed > 0, next.well, r.generation, r.cutoff, s.rate, r.rate
"""  # noqa: S608 - our own words
_PAY_HOST: Final = "UPDATE resets_host SET free_at = %(until)s WHERE id = %(host)s"
_PAY_RESET: Final = """
UPDATE resets_reset SET free_at = %(until)s WHERE id = (
    SELECT id FROM resets_reset WHERE id = %(reset)s AND (free_at IS NULL OR free_at <= %(now)s)
    FOR NO KEY UPDATE SKIP LOCKED)
"""


def claim(*, now: datetime, near: Claimed | None = None, but: Collection[str] = ()) -> Claimed | None:
    """Take a chunk that is due at `now` on a host that may be asked; None when there is none.

    `near`: the chunk that the caller did before. Its host is asked first, then other hosts of its system, whose
    connection is open. `but`: phases of which the caller can do no chunk now. A host is left in peace while its breaker
    is open, what it was given is not paid for at its rate, or as many of its chunks are under way as it takes at once.
    Locks the host, then the chunk, then (at a rate over all hosts) the reset, and waits for none of them.
    """
    seen: list[int] = []
    if near is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SAME_HOST, [near.host_id])
            if cursor.fetchone() is not None and (claimed := _claim_on(cursor, near.host_id, now, but)) is not None:
                return claimed
            transaction.set_rollback(True)
        seen.append(near.host_id)
    for _ in range(MOST_HOSTS):
        with transaction.atomic(), connection.cursor() as cursor:
            given: dict[str, Any] = {"now": now, "near": near.system_id if near else 0, "seen": seen, "but": list(but)}
            cursor.execute(_HOST, given)
            found = cursor.fetchone()
            if found is None:
                return None
            seen.append(found[0])
            claimed = _claim_on(cursor, found[0], now, but)
            if claimed is not None:
                return claimed
            transaction.set_rollback(True)
    return None


def _claim_on(cursor: Any, host: int, now: datetime, but: Collection[str]) -> Claimed | None:
    cursor.execute(_CLAIM, {"host": host, "now": now, "lease_until": now + LEASE, "but": list(but)})
    row = cursor.fetchone()
    if row is None:
        return None
    *fields, is_rest, is_well, generation, cutoff, host_rate, reset_rate = row
    id_, fence, tries, phase_id, phase, reset_id, system_id, shard, wave, first, last = fields
    accounts = last - first + 1
    if host_rate:
        cursor.execute(_PAY_HOST, {"host": host, "until": now + timedelta(seconds=accounts / host_rate)})
    if reset_rate:
        until = now + timedelta(seconds=accounts / reset_rate)
        cursor.execute(_PAY_RESET, {"reset": reset_id, "now": now, "until": until})
        if not cursor.rowcount:
            return None
    return Claimed(
        id=id_,
        fence=fence,
        tries=tries,
        phase_id=phase_id,
        phase=phase,
        reset_id=reset_id,
        system_id=system_id,
        shard=shard,
        wave=wave,
        first=first,
        last=last,
        is_rest=is_rest,
        host_id=host,
        host_is_well=is_well,
        guard=Guard(generation=generation, cutoff=cutoff),
    )


_CLAIMABLE: Final = f"""
SELECT EXISTS (SELECT FROM resets_host h JOIN resets_system s ON s.id = h.system_id WHERE {_READY} AND EXISTS ({_DUE}))
"""  # noqa: S608 - our own words


def is_claimable(*, now: datetime) -> bool:
    """Tell whether some chunk could be begun now."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMABLE, {"now": now, "but": []})
        found: bool = cursor.fetchone()[0]
    return found
