"""Pause a reset."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from resets.models import Reset
from resets.news import News
from resets.operations.locking import locked
from web.errors import IllegalMove


def pause(*, reset: Reset, by: Actor, now: datetime, reason: str) -> Reset:
    """Let nothing more begin; what is under way ends at its next safe point. Return the reset.

    One that is paused stays so. Raises `IllegalMove` where nothing runs. Locks the reset.
    """
    reset = locked(reset)
    if reset.state == Reset.State.PAUSED:
        return reset
    if reset.state != Reset.State.RUNNING:
        raise IllegalMove(f"“{reset.title}” is {reset.get_state_display().lower()}; only a running reset is paused.")
    reset.state, reset.trouble = Reset.State.PAUSED, f"Paused: {reason.strip()}"[:500]
    reset.save(update_fields=["state", "trouble"])
    news = News(reset, by=by, now=now)
    news.say("reset.paused", personal=reason)
    news.publish()
    return reset
