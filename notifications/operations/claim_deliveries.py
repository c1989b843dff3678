"""Take due deliveries for sending: a short transaction with a lease, so that two senders never take the same one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from notifications.operations.carrier_standings import paced_kinds
from notifications.operations.choose_carriers import choose_carriers
from notifications.operations.claimed import Claimed
from notifications.operations.turns import take_turns

LEASE: Final = timedelta(seconds=15)
"""Three times what one exchange may take: sending, looking up, and some for a slow database."""
UNUSABLE: Final = "The contact method was switched off, opted out or removed before this could be sent."
MERGED: Final = "Merged into a newer message of the same page to the same address."


# Two plain statements instead of one join of the table with itself: on a table that just filled, the planner has no
# figures yet and joined every pending row with every other.
_OTHERS: Final = """
SELECT id, page_id, contact_method_id, kind FROM notifications_delivery
WHERE page_id = ANY(%(pages)s) AND state = 'pending' AND not_before <= %(now)s AND contact_method_id IS NOT NULL
FOR NO KEY UPDATE SKIP LOCKED
"""
_MERGE: Final = """
UPDATE notifications_delivery SET state = 'cancelled', reason = %(merged)s, ended_at = %(now)s, lease_until = NULL
WHERE id = ANY(%(older)s)
"""

# `becomes` "unusable" is no state: such a row stays as it is here, and is failed under its page's lock afterwards.
# A code goes to a method that is switched off too: it is how its owner brings it back.
_CLAIM: Final = """
WITH due AS (
    SELECT d.id,
        CASE
            WHEN d.expires_at <= %(now)s THEN 'expired'
            WHEN d.kind IN ('page', 'reminder') AND p.state NOT IN ('paging', 'acknowledged') THEN 'cancelled'
            WHEN c.id IS NULL OR c.opted_out_at IS NOT NULL OR NOT u.is_active THEN 'unusable'
            WHEN c.disabled_at IS NOT NULL AND d.kind <> 'verification' THEN 'unusable'
            ELSE 'sending'
        END AS becomes,
        coalesce(c.secret, '') AS secret, u.name AS person_name, u.language,
        coalesce(p.subject, '') AS page_subject, coalesce(p.title, '') AS page_title,
        coalesce(p.code, '') AS page_code, coalesce(p.state, '') AS page_state,
        EXISTS (SELECT 1 FROM notifications_carrier WHERE state = 'open') AS any_open
    FROM notifications_delivery d
    JOIN people_person u ON u.id = d.person_id
    LEFT JOIN notifications_page p ON p.id = d.page_id
    LEFT JOIN notifications_contactmethod c ON c.id = d.contact_method_id
    WHERE d.id = ANY(%(ids)s) AND d.state = 'pending' AND d.not_before <= %(now)s AND d.channel <> ALL(%(not_of)s)
    ORDER BY d.urgency, d.severity, d.not_before, d.id
    LIMIT %(limit)s FOR NO KEY UPDATE OF d SKIP LOCKED
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
RETURNING d.id, d.fence, d.tries, due.becomes, d.kind, d.channel, d.provider, d.address, d.content::text, d.urgency,
    d.severity, d.repeated, d.expires_at, d.contact_method_id, due.secret, d.person_id, due.person_name, due.language,
    d.page_id, due.page_subject, due.page_title, due.page_code, due.page_state, due.any_open
"""
_COLUMNS: Final = tuple(
    "id fence tries state kind channel provider address content urgency severity repeated expires_at"  # noqa: SIM905
    " contact_method_id secret person_id person_name language"
    " page_id page_subject page_title page_code page_state any_open".split()
)


def claim(ids: Sequence[int], *, now: datetime, limit: int | None = None, not_of: Sequence[str] = ()) -> list[Claimed]:
    """Take those of `ids` that are due, pending and still wanted, at most the `limit` most urgent ones and none of the
    kinds `not_of`; return them and those found unusable.

    One short transaction that waits for no lock: a row that somebody else holds is left to them. Older due messages of
    the same page to the same contact method are merged into the newest; what has expired or whose page has ended is
    closed. Rows that are not due are left alone, so a stale or doubled hand-over does nothing. Where a provider takes
    only so many messages a second, the most urgent one that waits goes, whichever of them is in `ids`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        taken, turns = _taken(cursor, ids, now=now, limit=limit, not_of=not_of)
        taken = sorted(
            _merged(cursor, taken, now=now), key=lambda each: (each.urgency != "high", each.severity, each.id)
        )
        return choose_carriers(cursor, taken, turns=turns, now=now)


def _taken(
    cursor: CursorWrapper, ids: Sequence[int], *, now: datetime, limit: int | None, not_of: Sequence[str]
) -> tuple[list[Claimed], dict[int, str]]:
    """Return what is taken, and the providers of what had to wait for its turn, by id."""
    every = paced_kinds()
    paced, others = [kind for kind in every if kind not in not_of], [*every, *not_of]
    take = partial(_take, cursor, now=now)
    if limit is not None and limit < len(ids):
        turned, turns = take_turns(cursor, ids, kinds=paced, take=take, limit=limit, now=now)
        left = limit - len(turned)
        return turned + (take(ids, limit=left, not_of=others) if left > 0 else []), turns
    # There is room for all. Mostly none of them waits for a turn, and then nobody has to be asked for one.
    taken = take(ids, not_of=others)
    if len(taken) == len(ids):
        return taken, {}
    turned, turns = take_turns(cursor, ids, kinds=paced, take=take, limit=None, now=now)
    return taken + turned, turns


def _take(
    cursor: CursorWrapper,
    ids: Sequence[int],
    *,
    now: datetime,
    limit: int | None = None,
    not_of: Sequence[str] = (),
) -> list[Claimed]:
    values: dict[str, Any] = {"ids": list(ids), "now": now, "lease_until": now + LEASE, "limit": limit}
    cursor.execute(_CLAIM, {**values, "not_of": list(not_of)})
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    return [
        Claimed(**{**row, "content": json.loads(row["content"])}, at=now)
        for row in rows
        if row["state"] in ("sending", "unusable")
    ]


def _merged(cursor: CursorWrapper, taken: list[Claimed], *, now: datetime) -> list[Claimed]:
    """Return what was taken with one message for each page, contact method and kind: the newest that is due."""
    groups: dict[tuple[UUID | None, UUID | None, str], list[int]] = {}
    for each in taken:
        if each.usable and each.page_id:
            groups.setdefault((each.page_id, each.contact_method_id, each.kind), []).append(each.id)
    if not groups:
        return taken
    cursor.execute(_OTHERS, {"pages": list({page for page, _, _ in groups}), "now": now})
    for id_, *group in cursor.fetchall():
        if tuple(group) in groups:
            groups[tuple(group)].append(id_)
    older = {id_ for ids in groups.values() for id_ in ids if id_ != max(ids)}
    if not older:
        return taken
    cursor.execute(_MERGE, {"older": list(older), "now": now, "merged": MERGED})
    newest = {max(ids) for ids in groups.values()} - {each.id for each in taken}
    return [each for each in taken if each.id not in older] + (_take(cursor, list(newest), now=now) if newest else [])


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
RETURNING d.id, d.fence, d.tries, d.state, d.kind, d.channel, d.provider, d.address, d.content::text, d.urgency,
    d.severity, d.repeated, d.expires_at, d.contact_method_id, coalesce(c.secret, ''), d.person_id, u.name, u.language,
    d.page_id, coalesce(p.subject, ''), coalesce(p.title, ''), coalesce(p.code, ''), coalesce(p.state, ''),
    false, old.lease_until
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
