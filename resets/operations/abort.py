"""Abort a reset: it fails closed."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from resets.models import Reset
from resets.news import News
from resets.operations.locking import locked
from web.errors import IllegalMove


def abort(*, reset: Reset, by: Actor, now: datetime, reason: str) -> Reset:
    """Stop for good: what is under way ends at its next safe point, nothing more begins. Return the reset.

    Nothing is taken back: an account that was disabled stays disabled. Only `resume` goes on from there. Aborting twice
    changes nothing; raises `IllegalMove` for one that is done. Locks the reset.
    """
    reset = locked(reset)
    if reset.state == Reset.State.ABORTED:
        return reset
    if reset.state == Reset.State.DONE:
        raise IllegalMove(f"“{reset.title}” is done.")
    before = reset.state
    reset.state, reset.ended_at, reset.trouble = Reset.State.ABORTED, now, f"Aborted: {reason.strip()}"[:500]
    reset.save(update_fields=["state", "ended_at", "trouble"])
    news = News(reset, by=by, now=now)
    news.say("reset.aborted", {"from": before}, personal=reason)
    news.publish()
    return reset
