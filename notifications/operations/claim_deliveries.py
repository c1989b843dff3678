"""Take due deliveries for sending: a short transaction with a lease, so that two senders never take the same one."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

LEASE: Final = timedelta(seconds=15)
"""Three times what one exchange may take: sending, looking up, and some for a slow database."""
UNUSABLE: Final = "The contact method was switched off, opted out or removed before this could be sent."
MERGED: Final = "Merged into a newer message of the same page to the same address."


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A delivery that this process may send until `lease_until`, with what its message needs.

    `fence` and `tries` count this claim. `usable` False: it was not taken, because nobody may be
    reached there any more.
    """

    id: int
    fence: int
    tries: int
    state: str
    kind: str
    channel: str
    address: str
    content: dict[str, Any]
    urgency: str
    severity: int
    repeated: bool
    expires_at: datetime | None
    contact_method_id: UUID | None
    secret: str = field(repr=False)
    person_id: UUID
    person_name: str
    language: str
    page_id: UUID | None
    page_subject: str
    page_title: str
    page_code: str
    page_state: str
    at: datetime
    began: float = field(default_factory=time.monotonic)

    @property
    def usable(self) -> bool:
        """Tell whether it was taken for sending."""
        return self.state == "sending"

    def now(self) -> datetime:
        """Return the database's time of the claim plus what has passed since."""
        return self.at + timedelta(seconds=time.monotonic() - self.began)


_MERGE: Final = """
WITH asked AS (
    SELECT DISTINCT page_id, contact_method_id, kind FROM notifications_delivery
    WHERE id = ANY(%(ids)s) AND state = 'pending' AND page_id IS NOT NULL AND contact_method_id IS NOT NULL
), older AS (
    SELECT id FROM (
        SELECT d.id, d.contact_method_id, row_number() OVER (
            PARTITION BY d.page_id, d.contact_method_id, d.kind ORDER BY d.id DESC) AS place
        FROM notifications_delivery d JOIN asked USING (page_id, contact_method_id, kind)
        WHERE d.state = 'pending' AND d.not_before <= %(now)s
    ) ranked WHERE place > 1
), locked AS (
    SELECT id FROM notifications_delivery WHERE id IN (SELECT id FROM older) AND state = 'pending'
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE notifications_delivery d SET state = 'cancelled', reason = %(merged)s, ended_at = %(now)s
FROM locked WHERE d.id = locked.id
"""

# `becomes` "unusable" is no state: such a row stays as it is here, and is failed under its page's lock afterwards.
_CLAIM: Final = """
WITH due AS (
    SELECT d.id,
        CASE
            WHEN d.expires_at <= %(now)s THEN 'expired'
            WHEN d.kind IN ('page', 'reminder') AND p.state NOT IN ('paging', 'acknowledged') THEN 'cancelled'
            WHEN c.id IS NULL OR c.disabled_at IS NOT NULL OR c.opted_out_at IS NOT NULL OR NOT u.is_active
                THEN 'unusable'
            ELSE 'sending'
        END AS becomes,
        coalesce(c.secret, '') AS secret, u.name AS person_name, u.language,
        coalesce(p.subject, '') AS page_subject, coalesce(p.title, '') AS page_title,
        coalesce(p.code, '') AS page_code, coalesce(p.state, '') AS page_state
    FROM notifications_delivery d
    JOIN people_person u ON u.id = d.person_id
    LEFT JOIN notifications_page p ON p.id = d.page_id
    LEFT JOIN notifications_contactmethod c ON c.id = d.contact_method_id
    WHERE d.id = ANY(%(ids)s) AND d.state = 'pending' AND d.not_before <= %(now)s
    FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE notifications_delivery d SET
    state = CASE due.becomes WHEN 'unusable' THEN d.state ELSE due.becomes END,
    reason = CASE due.becomes
        WHEN 'expired' THEN 'Its time was over before it could be sent.'
        WHEN 'cancelled' THEN 'The page had ended.' ELSE d.reason END,
    ended_at = CASE WHEN due.becomes IN ('expired', 'cancelled') THEN %(now)s ELSE d.ended_at END,
    lease_until = CASE due.becomes WHEN 'sending' THEN %(lease_until)s ELSE d.lease_until END,
    fence = d.fence + CASE due.becomes WHEN 'sending' THEN 1 ELSE 0 END,
    tries = d.tries + CASE due.becomes WHEN 'sending' THEN 1 ELSE 0 END,
    provider_rank = CASE due.becomes WHEN 'sending' THEN 0 ELSE d.provider_rank END
FROM due WHERE d.id = due.id
RETURNING d.id, d.fence, d.tries, due.becomes, d.kind, d.channel, d.address, d.content::text, d.urgency, d.severity,
    d.repeated, d.expires_at, d.contact_method_id, due.secret, d.person_id, due.person_name, due.language,
    d.page_id, due.page_subject, due.page_title, due.page_code, due.page_state
"""
_COLUMNS: Final = tuple(
    "id fence tries state kind channel address content urgency severity repeated expires_at contact_method_id secret"  # noqa: SIM905
    " person_id person_name language page_id page_subject page_title page_code page_state".split()
)


def claim(ids: Sequence[int], *, now: datetime) -> list[Claimed]:
    """Take those of `ids` that are due, pending and still wanted; return them and those found unusable.

    One short transaction that waits for no lock: a row that somebody else holds is left to them. Older due messages of
    the same page to the same contact method are merged into the newest; what has expired or whose page has ended is
    closed. Rows that are not due are left alone, so a stale or doubled hand-over does nothing.
    """
    values: dict[str, Any] = {"ids": list(ids), "now": now, "lease_until": now + LEASE, "merged": MERGED}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MERGE, values)
        cursor.execute(_CLAIM, values)
        rows = [dict(zip(_COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    taken = [row for row in rows if row["state"] in ("sending", "unusable")]
    taken.sort(key=lambda row: (row["urgency"] != "high", row["severity"], row["id"]))
    return [Claimed(**{**row, "content": json.loads(row["content"])}, at=now) for row in taken]


_ABANDONED: Final = """
WITH old AS (
    SELECT id, lease_until FROM notifications_delivery WHERE state = 'sending' AND lease_until <= %(now)s
    ORDER BY lease_until LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE notifications_delivery d SET lease_until = %(lease_until)s
FROM old, people_person u, notifications_delivery x
LEFT JOIN notifications_page p ON p.id = x.page_id
LEFT JOIN notifications_contactmethod c ON c.id = x.contact_method_id
WHERE d.id = old.id AND x.id = d.id AND u.id = d.person_id
RETURNING d.id, d.fence, d.tries, d.state, d.kind, d.channel, d.address, d.content::text, d.urgency, d.severity,
    d.repeated, d.expires_at, d.contact_method_id, coalesce(c.secret, ''), d.person_id, u.name, u.language,
    d.page_id, coalesce(p.subject, ''), coalesce(p.title, ''), coalesce(p.code, ''), coalesce(p.state, ''),
    old.lease_until
"""


def claim_abandoned(*, now: datetime, limit: int) -> list[tuple[Claimed, datetime]]:
    """Take over sends whose lease is over, with a new lease; return each with the time its send began.

    The fence stays: if the first sender is alive after all and comes with an answer, that answer is welcome.
    """
    values: dict[str, Any] = {"now": now, "lease_until": now + LEASE, "limit": limit}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ABANDONED, values)
        rows = cursor.fetchall()
    taken = []
    for *row, lease_until in rows:
        fields = dict(zip(_COLUMNS, row, strict=True))
        taken.append((Claimed(**{**fields, "content": json.loads(fields["content"])}, at=now), lease_until - LEASE))
    return taken
