"""What the attempts of a window and the rows that wait say about each provider; bounded by the window, not by history.

A week of attempts is read by their index of time. What waits is read by the partial indexes of what is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from notifications.rules.breaker import ANSWERS, FAILING

UNHEARD_AFTER: Final = timedelta(minutes=5)
"""A message that a provider took so long ago should have been spoken of since, where the channel has receipts."""
PACE_OVER: Final = timedelta(seconds=60)

_ANSWERS: Final = """
SELECT d.channel, a.provider,
    count(*) FILTER (WHERE a.result IN ('accepted', 'found')),
    count(*) FILTER (WHERE a.result = ANY(%(failing)s)),
    count(*) FILTER (WHERE a.result = 'permanent'),
    count(*) FILTER (WHERE a.code IN ('429', '20429', 'ratelimited')),
    count(*) FILTER (WHERE a.result IN ('accepted', 'found') AND d.state = 'delivered'),
    count(*) FILTER (WHERE a.result IN ('accepted', 'found') AND d.state = 'sent' AND d.provider = a.provider
        AND a.at < %(unheard)s),
    count(*) FILTER (WHERE a.at > %(minute)s AND a.latency_ms IS NOT NULL),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY a.latency_ms),
    percentile_disc(0.95) WITHIN GROUP (ORDER BY a.latency_ms),
    max(a.at)
FROM notifications_attempt a JOIN notifications_delivery d ON d.id = a.delivery_id
WHERE a.at > %(since)s AND a.at <= %(now)s AND a.result = ANY(%(answers)s)
GROUP BY 1, 2
"""
_SLOTS: Final = """
SELECT d.channel, a.provider,
    least(floor(extract(epoch FROM a.at - %(since)s) / %(slot_s)s)::int, %(slots)s - 1) AS slot,
    count(*) FILTER (WHERE a.result IN ('accepted', 'found')),
    count(*) FILTER (WHERE a.result = ANY(%(failing)s)),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY a.latency_ms)
FROM notifications_attempt a JOIN notifications_delivery d ON d.id = a.delivery_id
WHERE a.at > %(since)s AND a.at <= %(now)s AND a.result = ANY(%(answers)s)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_WAITING: Final = """
SELECT channel, count(*) FILTER (WHERE state = 'pending' AND not_before <= %(now)s),
    count(*) FILTER (WHERE state = 'sending'),
    min(not_before) FILTER (WHERE state = 'pending' AND not_before <= %(now)s),
    count(*) FILTER (WHERE state = 'pending' AND not_before > %(now)s AND tries > 0),
    min(not_before) FILTER (WHERE state = 'pending' AND not_before > %(now)s AND tries > 0)
FROM notifications_delivery WHERE state IN ('pending', 'sending') GROUP BY 1
"""

Way = tuple[str, str]
"""A kind of message and its provider."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What one provider answered in a window: counts of tries.

    `taken` and `failed` (429, 5xx, time-outs, held up) speak about the provider, `refused` about an address, a message
    or a setting. `arrived` of the taken reached the person; `unheard` should have been spoken of and were not.
    `lately` are exchanges of the last minute. Latencies are of the provider's answer, in milliseconds.
    """

    taken: int = 0
    failed: int = 0
    refused: int = 0
    slowed: int = 0
    arrived: int = 0
    unheard: int = 0
    lately: int = 0
    median_ms: int | None = None
    slow_ms: int | None = None
    last_at: datetime | None = None

    @property
    def percent(self) -> int | None:
        """Return how many of a hundred tries it took, refused ones apart; None where there was none."""
        tried = self.taken + self.failed
        # Rounded down, so that one failure of a thousand never reads as none.
        return None if not tried else 100 * self.taken // tried


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One part of the window: `place` counts from 0."""

    place: int
    taken: int
    failed: int
    median_ms: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """What of a kind is due and has not left; `oldest_at` is since when the oldest is due. `again`: what was tried and
    is tried again later, the first of it at `again_at`."""

    due: int = 0
    sending: int = 0
    oldest_at: datetime | None = None
    again: int = 0
    again_at: datetime | None = None


def answers(*, since: datetime, now: datetime) -> dict[Way, Answers]:
    """Return what each provider answered after `since`."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, _values(since, now))
        return {
            (kind, provider): Answers(
                taken=taken,
                failed=failed,
                refused=refused,
                slowed=slowed,
                arrived=arrived,
                unheard=unheard,
                lately=lately,
                median_ms=median_ms,
                slow_ms=slow_ms,
                last_at=last_at,
            )
            for (
                kind, provider, taken, failed, refused, slowed, arrived, unheard, lately, median_ms, slow_ms, last_at
            ) in cursor.fetchall()
        }  # fmt: skip


def slots(*, since: datetime, now: datetime, count: int) -> dict[Way, list[Slot]]:
    """Return the same over time, the window cut into `count` equal parts; parts without a try are left out."""
    values = _values(since, now) | {"slots": count, "slot_s": (now - since).total_seconds() / count}
    found: dict[Way, list[Slot]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SLOTS, values)
        for kind, provider, place, taken, failed, median_ms in cursor.fetchall():
            slot = Slot(place=place, taken=taken, failed=failed, median_ms=median_ms)
            found.setdefault((kind, provider), []).append(slot)
    return found


def waiting(*, now: datetime) -> dict[str, Waiting]:
    """Return what of each kind waits to be sent."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"now": now})
        return {
            kind: Waiting(due=due, sending=sending, oldest_at=oldest_at, again=again, again_at=again_at)
            for kind, due, sending, oldest_at, again, again_at in cursor.fetchall()
        }


def _values(since: datetime, now: datetime) -> dict[str, Any]:
    return {
        "since": since,
        "now": now,
        "unheard": now - UNHEARD_AFTER,
        "minute": now - PACE_OVER,
        "failing": sorted(FAILING),
        "answers": sorted(ANSWERS),
    }
