"""Re-enable a chunk, except the accounts whose stolen password may still be in force."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from resets.backends.base import Backend, Done, Miss
from resets.rules.order import REPLACES
from resets.work.claim import Claimed
from resets.work.deeds import Task

CODE: Final = "not_reset"
SENTENCE: Final = "Its password was not replaced, or its sessions were not ended; it stays disabled."
_NOT_RESET: Final = """
SELECT a.login FROM resets_phase p JOIN resets_exceptional x ON x.phase_id = p.id AND x.state IN ('retry', 'failed')
    JOIN resets_account a ON a.id = x.account_id
WHERE p.reset_id = %(reset)s AND p.name = ANY(%(phases)s) AND a.position BETWEEN %(first)s AND %(last)s
UNION
SELECT a.login FROM resets_phase p JOIN resets_chunk c ON c.phase_id = p.id
    AND c.first <= %(last)s AND c.last >= %(first)s
    AND (c.state = 'failed' OR c.applied + c.unchanged + c.skipped + c.missed = 0)
    JOIN resets_account a ON a.reset_id = p.reset_id
        AND a.position BETWEEN greatest(c.first, %(first)s) AND least(c.last, %(last)s)
WHERE p.reset_id = %(reset)s AND p.name = ANY(%(phases)s)
"""


def enable(backend: Backend[Any], task: Task) -> Done:
    """Enable what was reset; the others are missed, whatever the backend would say."""
    unsafe = _not_reset(task.chunk)
    safe = [login for login in task.logins if login not in unsafe]
    done = backend.enable(task.chunk.shard, safe, guard=task.chunk.guard) if safe else Done(applied=0)
    misses = tuple(Miss(login, CODE, SENTENCE) for login in task.logins if login in unsafe)
    return Done(applied=done.applied, unchanged=done.unchanged, skipped=done.skipped, misses=(*done.misses, *misses))


def _not_reset(chunk: Claimed) -> set[str]:
    given: dict[str, Any] = {
        "reset": chunk.reset_id,
        "first": chunk.first,
        "last": chunk.last,
        "phases": [*REPLACES.values(), "revoke"],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOT_RESET, given)
        return {row[0] for row in cursor.fetchall()}
