"""Have what failed tried again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from ledger.actor import Actor
from resets.models import Chunk, Exceptional, Phase, Reset, Wave
from resets.news import News
from resets.operations.advance import advance
from resets.operations.locking import locked
from web.errors import IllegalMove


def retry(*, phase: Phase, code: str | None, by: Actor, now: datetime) -> int:
    """Have the failed accounts of a phase tried again and return how many; `code`: only those of this cause.

    They are due at once. Waves and the phase that had ended are open again until these are done; a held phase goes on.
    Raises `IllegalMove` where nothing failed for that cause or the reset does not run. Locks the reset, then chunks.
    """
    reset = locked(phase.reset)
    if reset.state != Reset.State.RUNNING:
        raise IllegalMove(f"“{reset.title}” is {reset.get_state_display().lower()}; resume it first.")
    cause = Q(code=code) if code is not None else Q()
    whole = Chunk.objects.filter(cause, phase=phase, state=Chunk.State.FAILED)
    accounts = sum(last - first + 1 for first, last in whole.values_list("first", "last"))
    waves = set(whole.values_list("wave", flat=True))
    whole.update(state=Chunk.State.PENDING, due_at=now, tries=0, missed=0, code="", sentence="", ended_at=None)
    single = Exceptional.objects.filter(cause, phase=phase, state=Exceptional.State.FAILED)
    chunks = set(single.values_list("chunk_id", flat=True))
    accounts += single.update(state=Exceptional.State.RETRY, tries=0)
    parts = Chunk.objects.filter(pk__in=chunks)
    waves |= set(parts.values_list("wave", flat=True))
    parts.filter(state=Chunk.State.DONE).update(state=Chunk.State.PENDING, due_at=now, tries=0, code="", sentence="")
    if not accounts:
        raise IllegalMove("Nothing failed for this cause." if code else "Nothing failed.")
    _reopen(phase, waves)
    news = News(reset, by=by, now=now)
    news.say("reset.retried", {"phase": phase.name, "code": code or "", "accounts": accounts})
    advance(reset, news, now=now)
    news.publish()
    return accounts


def _reopen(phase: Phase, waves: set[int]) -> None:
    done = phase.waves.filter(number__in=waves, state=Wave.State.DONE)
    done.update(state=Wave.State.OPEN, ended_at=None)
    Phase.objects.filter(pk=phase.pk).exclude(state=Phase.State.RUNNING).update(
        state=Phase.State.RUNNING, held_because="", ended_at=None
    )
