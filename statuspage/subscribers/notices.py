"""Notices on their way: taken in batches with a lease, and what became of a batch written down in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from statuspage.models import Notice, Subscriber
from web.secrets import decrypt

LEASE: Final = timedelta(seconds=60)
"""A batch is given up after 20 s; three times that leaves room for a slow database."""
MOST_CLAIMS: Final = 20
"""A notice whose sender died so often is what kills senders."""
QUARANTINE_AFTER: Final = {
    Subscriber.Channel.EMAIL: 3,
    Subscriber.Channel.SMS: 2,
    Subscriber.Channel.WEBHOOK: 5,
}
"""Notices in a row that an address refused for good (a webhook: that failed after all tries)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A notice that this process may send until its lease ends, with its receiver. `fence` and `tries` count this
    claim."""

    id: int
    fence: int
    tries: int
    repeated: bool
    subscriber_id: UUID
    address: str
    language: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What becomes of a claimed notice: `state` sent, failed, unknown, or pending again at `due_at`.

    `repeated`: the next try may be a second one for its receiver. `refused`: the address itself is wrong. `owner_left`:
    the owner told the provider to stop. `undone`: the try does not count.
    """

    id: int
    fence: int
    state: str
    code: str = ""
    due_at: datetime | None = None
    repeated: bool = False
    refused: bool = False
    owner_left: bool = False
    undone: bool = False


_CLAIM: Final = """
WITH due AS (
    SELECT n.id, s.id AS subscriber_id, s.address, s.language, s.secret, s.state
    FROM statuspage_notice n JOIN statuspage_subscriber s ON s.id = n.subscriber_id
    WHERE n.mailing_id = %(mailing)s AND n.channel = %(channel)s AND n.state = 'pending' AND n.due_at <= %(now)s
    ORDER BY n.due_at, n.id LIMIT %(limit)s FOR NO KEY UPDATE OF n SKIP LOCKED
)
UPDATE statuspage_notice n SET
    state = CASE due.state WHEN 'active' THEN 'sending' ELSE 'failed' END,
    code = CASE due.state WHEN 'active' THEN '' ELSE due.state END,
    lease_until = CASE due.state WHEN 'active' THEN %(lease_until)s END,
    fence = n.fence + 1, tries = n.tries + 1
FROM due WHERE n.id = due.id
RETURNING n.id, n.fence, n.tries, n.repeated, due.subscriber_id, due.address, due.language, due.secret, n.state
"""

# One statement: the notices, the owners' failures in a row, and quarantine where there are too many of them.
_RECORD: Final = """
WITH v AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(fences)s::int[], %(states)s::text[], %(codes)s::text[],
        %(dues)s::timestamptz[], %(repeated)s::bool[], %(refused)s::bool[], %(left)s::bool[], %(undone)s::bool[])
        AS v (id, fence, state, code, due_at, repeated, refused, owner_left, undone)
), moved AS (
    UPDATE statuspage_notice n SET
        state = v.state, code = v.code, lease_until = NULL, due_at = coalesce(v.due_at, n.due_at),
        repeated = n.repeated OR v.repeated, tries = n.tries - CASE WHEN v.undone THEN 1 ELSE 0 END,
        sent_at = CASE v.state WHEN 'sent' THEN %(now)s ELSE n.sent_at END
    FROM v WHERE n.id = v.id AND n.fence = v.fence AND n.state = 'sending'
    RETURNING n.subscriber_id, n.state, v.refused, v.owner_left
)
UPDATE statuspage_subscriber s SET
    failures = CASE WHEN m.refused THEN s.failures + 1 ELSE 0 END,
    state = CASE
        WHEN m.owner_left THEN 'ended'
        WHEN m.refused AND s.failures + 1 >= %(most)s AND s.state = 'active' THEN 'quarantined' ELSE s.state END,
    ended_at = CASE WHEN m.owner_left THEN %(now)s ELSE s.ended_at END,
    quarantined_at = CASE
        WHEN m.refused AND s.failures + 1 >= %(most)s AND s.state = 'active' THEN %(now)s ELSE s.quarantined_at END
FROM moved m WHERE s.id = m.subscriber_id
    AND (m.refused OR m.owner_left OR (m.state = 'sent' AND s.failures > 0))
RETURNING s.id, s.state
"""


def claim(*, mailing_id: int, channel: str, limit: int, now: datetime) -> list[Claimed]:
    """Take up to `limit` due notices of a mailing and channel. One short transaction that waits for no lock.

    Those whose subscriber left or was quarantined meanwhile fail here, with that state as their code.
    """
    values: dict[str, Any] = {
        "mailing": mailing_id,
        "channel": channel,
        "limit": limit,
        "now": now,
        "lease_until": now + LEASE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        rows = cursor.fetchall()
    return [
        Claimed(
            id=row[0],
            fence=row[1],
            tries=row[2],
            repeated=row[3],
            subscriber_id=row[4],
            address=row[5],
            language=row[6],
            secret=decrypt(row[7]) if row[7] else "",
        )
        for row in rows
        if row[8] == Notice.State.SENDING
    ]


def record(verdicts: Sequence[Verdict], *, channel: str, now: datetime) -> list[UUID]:
    """Write down what became of claimed notices; return the subscribers that this put into quarantine.

    A notice that somebody else took over after its lease ended (another fence) is left to them.
    """
    if not verdicts:
        return []
    values: dict[str, Any] = {
        "ids": [each.id for each in verdicts],
        "fences": [each.fence for each in verdicts],
        "states": [each.state for each in verdicts],
        "codes": [each.code[:40] for each in verdicts],
        "dues": [each.due_at for each in verdicts],
        "repeated": [each.repeated for each in verdicts],
        "refused": [each.refused for each in verdicts],
        "left": [each.owner_left for each in verdicts],
        "undone": [each.undone for each in verdicts],
        "most": QUARANTINE_AFTER[Subscriber.Channel(channel)],
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever loses this to a power cut sends once more, marked; what is claimed before is on the disk.
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_RECORD, values)
        return [row[0] for row in cursor.fetchall() if row[1] == Subscriber.State.QUARANTINED]


def free_leases(*, now: datetime, at_most: int = 1_000) -> int:
    """Return notices whose sender died to the waiting ones, marked as repeated; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH old AS (SELECT id FROM statuspage_notice WHERE state = 'sending' AND lease_until <= %s"
            " ORDER BY lease_until LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)"
            " UPDATE statuspage_notice n SET state = CASE WHEN n.tries < %s THEN 'pending' ELSE 'unknown' END,"
            " repeated = true, lease_until = NULL, due_at = %s FROM old WHERE n.id = old.id",
            [now, at_most, MOST_CLAIMS, now],
        )
        return int(cursor.rowcount)
