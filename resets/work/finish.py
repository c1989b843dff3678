"""Record what became of a chunk, under its fence: a result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import connection, transaction

from eap.actions.redaction import HIDDEN
from resets.backends.base import Done, Miss
from resets.models import Chunk, Exceptional
from resets.rules.patience import MOST_TRIES, pause
from resets.work.claim import SOON, Claimed

LONGEST: Final = 500
_HASH: Final = re.compile(r"\$[0-9a-z]{1,10}\$[^\s\"']+")

log = structlog.get_logger(__name__)


def plain(sentence: str) -> str:
    """Return a sentence of a system's as it may be kept: no hash in it, and short."""
    return _HASH.sub(HIDDEN, sentence)[:LONGEST]


_FINISH: Final = f"""
WITH soon AS MATERIALIZED (SELECT {SOON})
UPDATE resets_chunk SET state = %(state)s, lease_until = NULL, due_at = coalesce(%(due_at)s, due_at),
    tries = CASE WHEN %(state)s = 'pending' THEN tries + 1 ELSE tries END,
    applied = applied + %(applied)s, unchanged = unchanged + %(unchanged)s, skipped = skipped + %(skipped)s,
    missed = missed + %(missed)s, code = '', sentence = '', ended_at = %(now)s
FROM soon WHERE id = %(id)s AND fence = %(fence)s AND state = 'leased'
"""  # noqa: S608 - our own words
_WELL: Final = """
UPDATE resets_host SET failures = 0, open_until = NULL, sentence = ''
WHERE id = %s AND (failures > 0 OR open_until IS NOT NULL)
"""
_MEND: Final = "UPDATE resets_exceptional SET state = 'mended', at = %s WHERE chunk_id = %s AND account_id = ANY(%s)"
_EXCEPT: Final = """
INSERT INTO resets_exceptional AS old (phase_id, chunk_id, account_id, state, code, sentence, tries, at)
SELECT %(phase)s, %(chunk)s, x.account, x.state, x.code, x.sentence, 1, %(now)s
FROM unnest(%(accounts)s::bigint[], %(states)s::text[], %(codes)s::text[], %(sentences)s::text[])
    AS x (account, state, code, sentence)
ON CONFLICT (phase_id, account_id) DO UPDATE SET chunk_id = excluded.chunk_id, state = excluded.state,
    code = excluded.code, sentence = excluded.sentence, tries = old.tries + 1, at = excluded.at
"""


def finish(claimed: Claimed, done: Done, *, tried: Mapping[str, int], ids: Mapping[str, int], now: datetime) -> bool:
    """Record a result if the chunk is still ours, and return whether it was.

    `tried`: of a rest, the accounts that were done again, login to id; empty for a whole chunk. `ids`: the accounts
    that went another way. A result under an old fence changes nothing: somebody else does it by now. Accounts that were
    missed for a passing reason make the chunk due again, for them alone. Locks the host (where it failed before), then
    the chunk.
    """
    again = claimed.tries + 1 < MOST_TRIES
    is_plain = claimed.host_is_well and not claimed.is_rest and not done.skipped and not done.misses
    # One statement is its own transaction; most chunks need no more, and there are thousands of them.
    with nullcontext() if is_plain else transaction.atomic(), connection.cursor() as cursor:
        if not claimed.host_is_well:
            cursor.execute(_WELL, [claimed.host_id])
        if not _finish(cursor, claimed, done, tried=tried, again=again, now=now):
            log.warning("late_chunk_not_recorded", chunk=claimed.id, fence=claimed.fence)
            if not is_plain:
                transaction.set_rollback(True)
            return False
        if tried:
            cursor.execute(_MEND, [now, claimed.id, list(tried.values())])
        if done.skipped or done.misses:
            cursor.execute(_EXCEPT, _exceptions(claimed, done, ids, again=again, now=now))
        if claimed.is_rest:
            _look_for_more(cursor, claimed, now)
    return True


def _finish(cursor: Any, claimed: Claimed, done: Done, *, tried: Mapping[str, int], again: bool, now: datetime) -> bool:
    """Write the counts if the chunk is still ours, and tell whether it was."""
    passing = again and any(miss.passing for miss in done.misses)
    cursor.execute(
        _FINISH,
        {
            "id": claimed.id,
            "fence": claimed.fence,
            "state": Chunk.State.PENDING if passing else Chunk.State.DONE,
            "due_at": now + pause(claimed.tries + 1) if passing else None,
            "applied": done.applied,
            "unchanged": done.unchanged,
            "skipped": len(done.skipped),
            "missed": len(done.misses) - len(tried),
            "now": now,
        },
    )
    return bool(cursor.rowcount)


def _exceptions(claimed: Claimed, done: Done, ids: Mapping[str, int], *, again: bool, now: datetime) -> dict[str, Any]:
    def state(miss: Miss) -> str:
        return Exceptional.State.RETRY if miss.passing and again else Exceptional.State.FAILED

    skipped = [(ids[login], str(Exceptional.State.SKIPPED), "skipped", "") for login in done.skipped]
    missed = [(ids[miss.login], str(state(miss)), miss.code[:60], plain(miss.sentence)) for miss in done.misses]
    accounts, states, codes, sentences = zip(*skipped, *missed, strict=True)
    return {
        "phase": claimed.phase_id,
        "chunk": claimed.id,
        "accounts": list(accounts),
        "states": list(states),
        "codes": list(codes),
        "sentences": list(sentences),
        "now": now,
    }


def _look_for_more(cursor: Any, claimed: Claimed, now: datetime) -> None:
    """Have a chunk done again whose failed accounts somebody wished to be retried while it was under way."""
    cursor.execute(
        "UPDATE resets_chunk SET state = 'pending', due_at = %s WHERE id = %s AND state = 'done' AND EXISTS"
        " (SELECT FROM resets_exceptional WHERE chunk_id = %s AND state = 'retry')",
        [now, claimed.id, claimed.id],
    )
