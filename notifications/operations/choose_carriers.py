"""Decide which provider each claimed delivery goes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db.backends.utils import CursorWrapper

from notifications.operations.carrier_standings import Standings
from notifications.operations.claimed import Claimed
from notifications.rules.breaker import PROBE_AFTER, Standing, due_for_probe, preferred

_NAME: Final = """
UPDATE notifications_delivery d SET provider = chosen.provider
FROM unnest(%s::bigint[], %s::text[]) AS chosen (id, provider) WHERE d.id = chosen.id
"""
# Of two senders that see the same provider due for a probe one gets it; nobody waits for a lock.
_PROBE: Final = """
UPDATE notifications_carrier SET probe_at = %(next)s WHERE id = (
    SELECT id FROM notifications_carrier
    WHERE kind = %(kind)s AND provider = %(provider)s AND state = 'open' AND probe_at <= %(now)s
    FOR NO KEY UPDATE SKIP LOCKED
)
"""


def choose_carriers(
    cursor: CursorWrapper, claimed: Sequence[Claimed], *, turns: Mapping[int, str], now: datetime
) -> list[Claimed]:
    """Return `claimed` with the provider of this try, and write it down. In the claim's transaction.

    `turns` says who has a turn at which provider already. The others go to the first provider whose breaker is closed;
    what was moved after a failure stays where it was moved to. Where a breaker is due for a probe, the least urgent
    message of its kind makes it.
    """
    if not claimed:
        return []
    standings = Standings.read() if any(each.any_open for each in claimed) else Standings(open={})
    known = {kind: standings.of(kind) for kind in {each.channel for each in claimed if each.usable}}
    chosen = {each.id: _provider(each, known[each.channel], turns) for each in claimed if each.usable}
    for kind, every in known.items():
        for probed in due_for_probe(every, now=now):
            own = [each.id for each in claimed if each.id in chosen and each.channel == kind]
            if _may_probe(cursor, kind, probed.provider, now=now):
                chosen[own[-1]] = probed.provider
                break
    moved = [each.id for each in claimed if each.id in chosen and each.provider != chosen[each.id]]
    if moved:
        cursor.execute(_NAME, [moved, [chosen[id_] for id_ in moved]])
    return [
        replace(each, provider=chosen[each.id], probing=(each.channel, chosen[each.id]) in standings.open)
        if each.id in chosen
        else each
        for each in claimed
    ]


def _provider(claimed: Claimed, every: Sequence[Standing], turns: Mapping[int, str]) -> str:
    if claimed.id in turns:
        return turns[claimed.id]
    if not every:
        return ""  # sending finds the same and says so where people look
    closed = {each.provider for each in every if not each.open} or {each.provider for each in every}
    return claimed.provider if claimed.tries > 1 and claimed.provider in closed else preferred(every).provider


def _may_probe(cursor: CursorWrapper, kind: str, provider: str, *, now: datetime) -> bool:
    cursor.execute(_PROBE, {"kind": kind, "provider": provider, "now": now, "next": now + PROBE_AFTER})
    return bool(cursor.rowcount)
