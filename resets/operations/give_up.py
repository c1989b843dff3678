"""Give up on a host for now, so that the rest of a phase can end without it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ledger.actor import Actor
from resets.models import Chunk, Exceptional, Phase, Reset, System
from resets.news import News
from resets.operations.advance import advance
from resets.operations.locking import locked
from web.errors import IllegalMove

CODE: Final = "given_up"


def give_up(*, phase: Phase, system: System, shard: str, by: Actor, now: datetime, reason: str) -> int:
    """Count what is left on a host in the open waves of a phase as missed, and return how many accounts.

    `retry` with the code "given_up" takes them up again. Raises `IllegalMove` where nothing is left there. Locks the
    reset, then the chunks; what is under way there just now ends by itself.
    """
    reset = locked(phase.reset)
    if reset.state not in (Reset.State.RUNNING, Reset.State.PAUSED):
        raise IllegalMove(f"“{reset.title}” is {reset.get_state_display().lower()}.")
    left = Chunk.objects.select_for_update(no_key=True).filter(
        phase=phase, system=system, shard=shard, state=Chunk.State.PENDING, due_at__isnull=False
    )
    sentence = f"Given up: {reason.strip()}"[:500]
    accounts = 0
    for chunk in left:
        size = chunk.last - chunk.first + 1
        if chunk.applied + chunk.unchanged + chunk.skipped + chunk.missed:
            mine = Exceptional.objects.filter(chunk=chunk, state=Exceptional.State.RETRY)
            accounts += mine.update(state=Exceptional.State.FAILED, code=CODE, sentence=sentence, at=now)
            chunk.state = Chunk.State.DONE
        else:
            accounts += size
            chunk.state, chunk.missed = Chunk.State.FAILED, size
        chunk.code, chunk.sentence, chunk.ended_at = CODE, sentence, now
        chunk.save(update_fields=["state", "missed", "code", "sentence", "ended_at"])
    if not accounts:
        raise IllegalMove("Nothing is left to be done on this host.")
    news = News(reset, by=by, now=now)
    news.say(
        "reset.given_up",
        {"phase": phase.name, "system": system.key, "host": shard, "accounts": accounts},
        personal=reason,
    )
    advance(reset, news, now=now)
    news.publish()
    return accounts
