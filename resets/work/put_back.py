"""Record that a chunk came to no result: later, at once, or not again without a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import connection, transaction

from eap.actions.base import Stopped, Trouble, Unknown
from resets.backends.base import Busy
from resets.models import Chunk
from resets.rules.patience import MOST_TRIES, is_open, pause
from resets.work.claim import Claimed
from resets.work.finish import plain

A_MOMENT: Final = timedelta(seconds=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Setback:
    """Why a chunk came to no result.

    `counts`: it is a try of the chunk. `hurts`: it is a failure of the host. `final`: trying again would not help.
    """

    code: str
    sentence: str
    counts: bool = True
    hurts: bool = False
    final: bool = False
    wait: timedelta | None = None


def setback_of(error: Exception) -> Setback:
    """Return what an error of a backend means for its chunk and its host."""
    match error:
        case Stopped():
            return Setback(code="stopped", sentence=error.sentence, counts=False, wait=A_MOMENT)
        case Busy():
            wait = timedelta(seconds=error.retry_after_s)
            return Setback(code="busy", sentence=error.sentence, counts=False, wait=wait)
        case Unknown():
            return Setback(code="unknown", sentence=error.sentence)
        case Trouble(passing=True):
            return Setback(code="away", sentence=error.sentence, hurts=True)
        case Trouble():
            return Setback(code="refused", sentence=error.sentence, final=True)
        case _:
            sentence = f"The backend broke ({type(error).__name__}); the log of this host says where."
            return Setback(code="broke", sentence=sentence)


_LATER: Final = """
UPDATE resets_chunk SET state = 'pending', lease_until = NULL, due_at = %(due_at)s, tries = tries + %(counts)s,
    code = %(code)s, sentence = %(sentence)s
WHERE id = %(id)s AND fence = %(fence)s AND state = 'leased'
"""
_GIVE_UP: Final = """
UPDATE resets_chunk SET state = %(state)s, lease_until = NULL, tries = tries + 1, missed = missed + %(missed)s,
    code = %(code)s, sentence = %(sentence)s, ended_at = %(now)s
WHERE id = %(id)s AND fence = %(fence)s AND state = 'leased'
"""
_FAIL_REST: Final = """
UPDATE resets_exceptional SET state = 'failed', code = %(code)s, sentence = %(sentence)s, at = %(now)s
WHERE chunk_id = %(id)s AND state = 'retry'
"""


def put_back(claimed: Claimed, setback: Setback, *, now: datetime) -> bool:
    """Record that a chunk came to nothing if it is still ours, and return whether it was.

    A failure of its host counts against the host, and against the chunk only while the host is not held to be away: a
    host that comes back after a day finds its chunks waiting. Locks the host, then the chunk.
    """
    given: dict[str, Any] = {
        "id": claimed.id,
        "fence": claimed.fence,
        "code": setback.code[:60],
        "sentence": plain(setback.sentence),
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        was_away = _note_on_host(cursor, claimed, setback, now)
        counts = setback.counts and not (setback.hurts and was_away)
        if setback.final or (counts and claimed.tries + 1 >= MOST_TRIES):
            recorded = _give_up(cursor, claimed, given)
        else:
            wait = setback.wait or (pause(claimed.tries + 1) if counts else timedelta())
            cursor.execute(_LATER, {**given, "due_at": now + wait, "counts": int(counts)})
            recorded = cursor.rowcount == 1
        if not recorded:
            log.warning("late_chunk_not_recorded", chunk=claimed.id, fence=claimed.fence)
            transaction.set_rollback(True)
            return False
    return True


def _note_on_host(cursor: Any, claimed: Claimed, setback: Setback, now: datetime) -> bool:
    """Count a failure against the host, or leave it in peace for a while; tell whether it was held to be away."""
    host = claimed.host_id
    cursor.execute("SELECT failures FROM resets_host WHERE id = %s FOR NO KEY UPDATE", [host])
    (failures,) = cursor.fetchone()
    if setback.hurts:
        opens = pause(failures + 1) if is_open(failures + 1) else None
        cursor.execute(
            "UPDATE resets_host SET failures = failures + 1, open_until = %s, sentence = %s WHERE id = %s",
            [now + opens if opens else None, plain(setback.sentence), host],
        )
    elif setback.code == "busy" and setback.wait:
        cursor.execute("UPDATE resets_host SET open_until = %s WHERE id = %s", [now + setback.wait, host])
    return is_open(failures)


def _give_up(cursor: Any, claimed: Claimed, given: dict[str, Any]) -> bool:
    """Let the chunk be: of a rest, the accounts that were left fail one by one; else all of its accounts are missed."""
    state = Chunk.State.DONE if claimed.is_rest else Chunk.State.FAILED
    cursor.execute(_GIVE_UP, {**given, "state": state, "missed": 0 if claimed.is_rest else claimed.accounts})
    if cursor.rowcount and claimed.is_rest:
        cursor.execute(_FAIL_REST, given)
        return True
    return bool(cursor.rowcount)
