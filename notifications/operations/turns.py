"""Turns at providers that take only so many messages a second, over all processes on all hosts.

Whoever comes with a message of such a kind takes the most urgent one that waits, not the one they came with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from notifications.models import Carrier, Delivery
from notifications.operations.carrier_standings import Standings, paced_kinds, rates
from notifications.operations.claimed import Claimed
from notifications.rules import pacing

QUEUE: Final = 2_000
"""So many waiting messages are looked at when waits are estimated."""
ROUNDS: Final = 20
"""Messages whose page has ended use up no turn; so often the next ones are taken instead, in one claim."""

Take = Callable[[Sequence[int]], list[Claimed]]

_ASKED: Final = """
SELECT channel, count(*) FROM notifications_delivery
WHERE id = ANY(%s) AND channel = ANY(%s) AND state = 'pending' AND not_before <= %s GROUP BY 1 ORDER BY 1
"""
_QUEUE: Final = """
SELECT id, page_id, person_id, kind, overtaken_at IS NOT NULL, extract(epoch FROM %(now)s - not_before)::float
FROM notifications_delivery
WHERE channel = %(kind)s AND state = 'pending' AND urgency = 'high' AND not_before <= %(now)s
ORDER BY severity, not_before, id LIMIT %(limit)s
"""
# What was tried before waits for the provider it was moved to; all else goes wherever a turn is free.
_NEXT: Final = """
SELECT id FROM notifications_delivery
WHERE channel = %(kind)s AND state = 'pending' AND not_before <= %(now)s
    AND ((tries > 0 AND provider = %(provider)s) OR (%(fresh)s AND (tries = 0 OR provider <> ALL(%(usable)s))))
ORDER BY urgency, severity, not_before, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""
# Whoever finds the row locked leaves the turns to its holder, who takes the most urgent messages anyway.
_LOCK: Final = """
SELECT provider, free_at FROM notifications_carrier WHERE kind = %s ORDER BY provider FOR NO KEY UPDATE SKIP LOCKED
"""
_FREE_AT: Final = "UPDATE notifications_carrier SET free_at = %s WHERE kind = %s AND provider = %s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """An urgent message in the queue of its kind: first in the list, first in the queue."""

    id: int
    page_id: Any
    person_id: Any
    kind: str
    overtaken: bool
    waited_s: float


def queue_of(kind: str, *, now: datetime) -> list[Waiting]:
    """Return the urgent messages of this kind that are due, in the order in which they go."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, {"kind": kind, "now": now, "limit": QUEUE})
        return [
            Waiting(id=id_, page_id=page, person_id=person, kind=what, overtaken=overtaken, waited_s=waited_s)
            for id_, page, person, what, overtaken, waited_s in cursor.fetchall()
        ]


def take_turns(
    cursor: CursorWrapper,
    ids: Sequence[int],
    *,
    kinds: Sequence[str],
    take: Take,
    limit: int | None,
    now: datetime,
) -> tuple[list[Claimed], dict[int, str]]:
    """Claim what has its turn now, of each of the paced `kinds` among `ids`; return it, and each one's provider by id.

    At most as many as there are messages of that kind among `ids`, and at most `limit`. `take` claims rows by id. In
    the claim's transaction; locks the kind's carriers and deliveries, and waits for neither.
    """
    if not kinds:
        return [], {}
    cursor.execute(_ASKED, [list(ids), list(kinds), now])
    asked: list[tuple[str, int]] = cursor.fetchall()
    taken: list[Claimed] = []
    turns: dict[int, str] = {}
    standings = Standings.read() if asked else None
    for kind, wanted in asked:
        room = wanted if limit is None else min(wanted, limit - len(taken))
        if standings is not None and room > 0:
            lane = _Lane(cursor=cursor, kind=kind, usable=standings.usable(kind), take=take, now=now)
            taken += lane.take_turns(room, turns)
    return taken, turns


@dataclass(frozen=True, kw_only=True)
class _Lane:
    """The providers of one kind and the turns they have left."""

    cursor: CursorWrapper
    kind: str
    usable: list[str]
    take: Take
    now: datetime

    def take_turns(self, room: int, turns: dict[int, str]) -> list[Claimed]:
        per_s = rates(self.kind)
        free_at = self._locked()
        in_use = self._in_use(per_s)
        taken: list[Claimed] = []
        for provider in self.usable:
            limit, left = per_s[provider], room - len(taken)
            if limit is not None:
                if provider not in free_at:
                    continue
                left = min(left, pacing.turns(per_s=limit, free_at=free_at[provider], now=self.now))
            if left <= 0:
                continue
            got = self._claim(provider, left, fresh=provider in in_use)
            turns |= {each.id: provider for each in got if each.usable}
            sent = sum(each.usable for each in got)
            taken += got
            if limit is not None and sent:
                free = pacing.next_turn(per_s=limit, free_at=free_at[provider], taken=sent, now=self.now)
                self.cursor.execute(_FREE_AT, [free, self.kind, provider])
        return taken

    def _locked(self) -> dict[str, datetime | None]:
        known = set(Carrier.objects.filter(kind=self.kind).values_list("provider", flat=True))
        missing = [Carrier(kind=self.kind, provider=each) for each in self.usable if each not in known]
        if missing:
            Carrier.objects.bulk_create(missing, ignore_conflicts=True)
        self.cursor.execute(_LOCK, [self.kind])
        return dict(self.cursor.fetchall())

    def _in_use(self, per_s: dict[str, float | None]) -> list[str]:
        """Return the first provider, and as many more as it takes that nobody waits too long."""
        if len(self.usable) == 1 or per_s[self.usable[0]] is None:
            return self.usable[:1]
        waited_s = [each.waited_s for each in queue_of(self.kind, now=self.now)]
        return self.usable[: pacing.providers_needed(waited_s, rates=[per_s[each] for each in self.usable])]

    def _claim(self, provider: str, count: int, *, fresh: bool) -> list[Claimed]:
        """Claim the most urgent messages that `count` turns are enough for."""
        found: list[Claimed] = []
        for _ in range(ROUNDS):
            left = count - sum(each.usable for each in found)
            values: dict[str, Any] = {"provider": provider, "fresh": fresh, "usable": self.usable}
            self.cursor.execute(_NEXT, values | {"kind": self.kind, "now": self.now, "limit": left})
            ids = [id_ for (id_,) in self.cursor.fetchall()]
            if not ids or left <= 0:
                break
            found += self.take(ids)
        return found


def due_turns(*, now: datetime, limit: int, not_of: Sequence[str] = ()) -> tuple[list[int], float | None]:
    """Return ids of waiting messages that have their turn now, at most `limit` of each kind, and in how many seconds
    the next turn of a message that waits comes, None where none waits. Locks nothing; mostly one read."""
    waiting = Delivery.objects.filter(state=Delivery.State.PENDING, not_before__lte=now)
    paced = [kind for kind in paced_kinds() if kind not in not_of]
    kinds = waiting.filter(channel__in=paced).order_by("channel").values_list("channel", flat=True).distinct()
    found: list[int] = []
    pauses: list[float] = []
    for kind in kinds:
        pauses.append(_pause_s(kind, now=now))
        if pauses[-1] == 0:
            ordered = waiting.filter(channel=kind).order_by("urgency", "severity", "not_before", "id")
            found += ordered.values_list("id", flat=True)[:limit]
    return found, min(pauses, default=None)


def _pause_s(kind: str, *, now: datetime) -> float:
    usable = Standings.read().usable(kind)
    free_at = dict(Carrier.objects.filter(kind=kind).values_list("provider", "free_at"))
    per_s = rates(kind)
    waits = [pacing.wait_s(per_s=per_s[each], free_at=free_at.get(each), now=now) for each in usable]
    return min(waits, default=0.0)
