"""Carry out one claimed chunk: read its logins, call the backend outside any transaction, record."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import connection

from eap.actions.base import Trouble
from eap.actions.redaction import Redaction
from engine import clock
from engine.heartbeat import Heartbeat
from resets.backends.base import Backend, Done
from resets.models import Account, Exceptional, System
from resets.news import progressed
from resets.opening import open_backend
from resets.operations.advance import advance_reset
from resets.work.claim import Claimed
from resets.work.deeds import Task, deed_of
from resets.work.finish import finish
from resets.work.heartbeat import Watched
from resets.work.put_back import Setback, put_back, setback_of

log = structlog.get_logger(__name__)


class Kept:
    """One thread's open backend, kept for consecutive chunks of the same system."""

    def __init__(self) -> None:
        self.system_id = 0
        self._backend: Backend[Any] | None = None
        self._redaction = Redaction()
        self._watched: Watched | None = None

    def open(self, watched: Watched) -> Backend[Any]:
        """Return the backend of a chunk's system; raises `Trouble` where it can't be had."""
        self._watched = watched
        wanted = watched.claimed.system_id
        if self._backend is None or self.system_id != wanted:
            self.close()
            system = System.objects.get(pk=wanted)
            self._redaction = Redaction()
            self._backend = open_backend(system, say=_say, stopped=self._stopped, redaction=self._redaction)
            self.system_id = wanted
        return self._backend

    def clean(self, text: str) -> str:
        """Return a text without any secret that the backend was given."""
        return self._redaction.clean(text)

    def close(self) -> None:
        """Let its connections go."""
        backend, self._backend, self.system_id = self._backend, None, 0
        if backend is not None:
            with suppress(Exception):  # whatever is wrong with a connection, it is over
                backend.close()

    def _stopped(self) -> bool:
        return self._watched is not None and self._watched.stopped()


def _say(text: str) -> None:
    log.info("backend_said", text=text)


def carry_out(
    claimed: Claimed, *, kept: Kept, heartbeat: Heartbeat[Watched], time_of_day: Callable[[], datetime] = clock.now
) -> None:
    """Do one chunk and record what it came to. Blocks as long as the backend does; no transaction is open meanwhile."""
    watched = Watched(claimed)
    heartbeat.add(watched)
    try:
        tried = _rest(claimed) if claimed.is_rest else {}
        logins = list(tried) if claimed.is_rest else _logins(claimed)
        done = _done(watched, logins, kept)
    finally:
        heartbeat.remove(watched)
    now = time_of_day()
    if isinstance(done, Setback):
        put_back(claimed, done, now=now)
        troubled = True
    else:
        odd = [*done.skipped, *(miss.login for miss in done.misses)]
        finish(claimed, done, tried=tried, ids=_ids(claimed, odd), now=now)
        troubled = bool(done.misses)
    progressed(claimed.subject)
    if troubled or not _is_left(claimed):
        advance_reset(claimed.reset_id, now=now)


def _done(watched: Watched, logins: list[str], kept: Kept) -> Done | Setback:
    """Call the backend; what it raises becomes a setback, and closes its connection."""
    try:
        if not logins:
            return Done(applied=0)
        task = Task(chunk=watched.claimed, logins=logins, stopped=watched.stopped)
        done = deed_of(watched.claimed.phase)(kept.open(watched), task)
        _check(done, logins)
    except Exception as error:
        # A backend raises Trouble and nothing else; what else comes out of it is a mistake in it.
        if not isinstance(error, Trouble):
            log.exception("backend_broke", chunk=watched.claimed.id, phase=watched.claimed.phase)
        kept.close()
        found = setback_of(error)
        return Setback(**{**vars(found), "sentence": kept.clean(found.sentence)})
    return _cleaned(done, kept)


def _cleaned(done: Done, kept: Kept) -> Done:
    if not done.misses:
        return done
    return replace(done, misses=tuple(replace(each, sentence=kept.clean(each.sentence)) for each in done.misses))


class Miscounted(Exception):
    """A backend's counts are not those of the logins that it was given."""


def _check(done: Done, logins: Collection[str]) -> None:
    odd = [*done.skipped, *(miss.login for miss in done.misses)]
    counted = done.applied + done.unchanged + len(odd)
    if counted != len(logins) or len(set(odd)) != len(odd) or not set(odd) <= set(logins):
        raise Miscounted(f"{counted} of {len(logins)} accounts, {len(odd)} of them by login")


_LOGINS: Final = "SELECT login FROM resets_account WHERE reset_id = %s AND position BETWEEN %s AND %s ORDER BY position"


def _logins(claimed: Claimed) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_LOGINS, [claimed.reset_id, claimed.first, claimed.last])
        return [row[0] for row in cursor.fetchall()]


def _rest(claimed: Claimed) -> dict[str, int]:
    """Return what of the chunk is to be tried again: login to account."""
    left = Exceptional.objects.filter(chunk=claimed.id, state=Exceptional.State.RETRY)
    return dict(left.values_list("account__login", "account_id"))


def _ids(claimed: Claimed, logins: Collection[str]) -> dict[str, int]:
    if not logins:
        return {}
    mine = Account.objects.filter(
        reset=claimed.reset_id, position__range=(claimed.first, claimed.last), login__in=logins
    )
    return dict(mine.values_list("login", "pk"))


_LEFT: Final = """
SELECT EXISTS (SELECT FROM resets_chunk WHERE phase_id = %s AND wave = %s AND state IN ('pending', 'leased'))
"""


def _is_left(claimed: Claimed) -> bool:
    """Tell whether more of the chunk's wave is to be done, so that nothing can have ended with it."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [claimed.phase_id, claimed.wave])
        found: bool = cursor.fetchone()[0]
    return found
