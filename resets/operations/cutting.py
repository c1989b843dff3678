"""Cut a phase into chunks: ranges of positions, each within one wave, system and shard."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from resets.backends.registry import kind_of
from resets.models import Phase, System
from resets.rules.patience import chunk_size

_CUT: Final = """
WITH parts AS (
    SELECT wave, system_id, shard, min(position) AS first, max(position) AS last, count(*) AS accounts
    FROM resets_account WHERE reset_id = %(reset)s GROUP BY wave, system_id, shard
), sizes AS (
    SELECT * FROM unnest(%(systems)s::bigint[], %(sizes)s::int[]) AS s (system_id, size)
), whole AS (
    SELECT p.* FROM parts p WHERE p.accounts <> p.last - p.first + 1
), cut AS (
    INSERT INTO resets_chunk (phase_id, system_id, shard, wave, first, last, state, fence, tries,
        applied, unchanged, skipped, missed, code, sentence)
    SELECT %(phase)s, p.system_id, p.shard, p.wave, at, least(at + s.size - 1, p.last), 'pending', 0, 0,
        0, 0, 0, 0, '', ''
    FROM parts p JOIN sizes s USING (system_id), generate_series(p.first, p.last, s.size) AS at
    RETURNING last - first + 1 AS accounts
)
SELECT (SELECT count(*) FROM whole), coalesce((SELECT sum(accounts) FROM cut), 0),
    coalesce((SELECT sum(accounts) FROM parts), 0)
"""
_HOSTS: Final = """
INSERT INTO resets_host (system_id, shard, failures, sentence)
SELECT DISTINCT system_id, shard, 0, '' FROM resets_chunk WHERE phase_id = %s
ON CONFLICT (system_id, shard) DO NOTHING
"""


def cut(phase: Phase) -> None:
    """Write the chunks of `phase`, not due yet, and a row for each host that has none; in the caller's transaction.

    Raises `ValueError` when the frozen positions have gaps within a host's part of a wave, because chunks would then
    not be the accounts.
    """
    systems = list(System.objects.filter(resets=phase.reset_id))
    sizes = [
        chunk_size(
            backend=kind_of(each.kind).chunk_size,
            host_rate=each.rate,
            reset_rate=phase.reset.rate,
            phase=phase.name,
        )
        for each in systems
    ]
    given: dict[str, Any] = {
        "reset": phase.reset_id,
        "phase": phase.pk,
        "systems": [each.pk for each in systems],
        "sizes": sizes,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CUT, given)
        broken, cut_accounts, accounts = cursor.fetchone()
        if broken or cut_accounts != accounts:
            raise ValueError(f"{phase.reset_id}: its accounts are not numbered by wave, system and shard.")
        cursor.execute(_HOSTS, [phase.pk])
