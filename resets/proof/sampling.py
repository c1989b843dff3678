"""Which accounts are looked at, and what so many good ones say of all; the last part pure."""

from __future__ import annotations

from typing import Final

from django.db import connection

from resets.models import Account, Reset

CANARY: Final = 0
LEAST: Final = 400
"""Per system, beside the canary: if none of 400 fails, at most 0.75 % of all do, at 95 % confidence."""
CONFIDENCE: Final = 0.95


def bound(failed: int, looked_at: int) -> float | None:
    """Return the largest share of failing accounts (0 to 1) that fits what was seen, one-sided at 95 %.

    Clopper and Pearson's exact bound; for none of n it is 1 - 0.05 ** (1 / n), 0.00746 of 400. None of none says
    nothing. Halving finds it to within a millionth.
    """
    if looked_at == 0:
        return None
    if failed >= looked_at:
        return 1.0
    low, high = failed / looked_at, 1.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        if _at_most(failed, looked_at, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(failed: int, looked_at: int, share: float) -> float:
    """Return the chance to see at most `failed` of `looked_at` when `share` of all fail."""
    chance = (1 - share) ** looked_at
    total = chance
    for number in range(1, failed + 1):
        chance *= (looked_at - number + 1) / number * share / (1 - share)
        total += chance
    return total


def canary_of(reset: Reset) -> list[Account]:
    """Return every account of the canary."""
    return list(Account.objects.filter(reset=reset, wave=CANARY).select_related("system").order_by("position"))


def sample_of(reset: Reset, *, system_id: int, wanted: int, done_through: int) -> list[Account]:
    """Return `wanted` accounts of a system by chance (all where there are fewer), beside the canary, in the waves that
    the work has come through.

    Drawn from the whole scope anew each time, so nobody knows beforehand which. Positions are drawn, not rows sorted: a
    million cost no more than a thousand.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, {"reset": reset.pk, "system": system_id, "through": done_through, "wanted": wanted})
        ids = [row[0] for row in cursor.fetchall()]
    return list(Account.objects.filter(pk__in=ids).select_related("system").order_by("position"))


_SAMPLE: Final = """
WITH ranges AS (
    SELECT wave, min(position) AS first, max(position) AS last
    FROM resets_account
    WHERE reset_id = %(reset)s AND system_id = %(system)s AND wave BETWEEN 1 AND %(through)s
    GROUP BY wave
), sizes AS (
    SELECT *, sum(last - first + 1) OVER (ORDER BY wave) AS upto FROM ranges
), whole AS (
    SELECT coalesce(max(upto), 0)::bigint AS count FROM sizes
), lots AS (
    SELECT DISTINCT 1 + floor(random() * count)::bigint AS lot
    FROM whole, generate_series(1, least(count, 4 * %(wanted)s)) WHERE count > 4 * %(wanted)s
    UNION
    SELECT generate_series(1, count) FROM whole WHERE count <= 4 * %(wanted)s
), drawn AS (
    SELECT lot FROM lots ORDER BY random() LIMIT %(wanted)s
)
SELECT account.id
FROM drawn
CROSS JOIN LATERAL (SELECT * FROM sizes WHERE upto >= lot ORDER BY upto LIMIT 1) AS part
JOIN resets_account AS account
    ON account.reset_id = %(reset)s AND account.position = part.last - (part.upto - drawn.lot)
"""
