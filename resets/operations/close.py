"""Close a reset that has done its work."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from resets.models import Reset, Wave
from resets.news import News
from resets.operations.locking import locked
from web.errors import IllegalMove


def close(*, reset: Reset, by: Actor, now: datetime) -> Reset:
    """Say that the reset is done and return it. Raises `IllegalMove` while a phase is under way. Locks the reset.

    A phase that was asked for only in part, and came through it, is under way no longer.
    """
    reset = locked(reset)
    if reset.state == Reset.State.DONE:
        return reset
    if reset.state != Reset.State.RUNNING:
        raise IllegalMove(f"“{reset.title}” is {reset.get_state_display().lower()}; it can't be closed.")
    wave = Wave.objects.filter(phase__reset=reset, wanted=True).exclude(state=Wave.State.DONE).first()
    if wave is not None:
        raise IllegalMove(f"“{wave.phase.get_name_display()}” is still under way.")
    reset.state, reset.ended_at, reset.trouble = Reset.State.DONE, now, ""
    reset.save(update_fields=["state", "ended_at", "trouble"])
    news = News(reset, by=by, now=now)
    news.say("reset.closed")
    news.publish()
    return reset
