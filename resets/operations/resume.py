"""Go on with a reset that was paused, held or aborted."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ledger.actor import Actor
from resets.models import Phase, Reset
from resets.news import News
from resets.operations.advance import advance, figures_of
from resets.operations.locking import locked
from web.errors import IllegalMove

STOPPED: Final = frozenset({Reset.State.PAUSED, Reset.State.ABORTED})


def resume(*, reset: Reset, by: Actor, now: datetime) -> Reset:
    """Go on where it stopped, and return the reset.

    What a limit holds goes on too: the failures so far are forgiven, and only further ones count. One that runs with
    nothing held stays as it is. Raises `IllegalMove` for one that never ran or is done. Locks the reset, then phases
    and waves.
    """
    reset = locked(reset)
    held = list(Phase.objects.filter(reset=reset, state=Phase.State.HELD))
    if reset.state == Reset.State.RUNNING and not held:
        return reset
    if reset.state not in STOPPED | {Reset.State.RUNNING}:
        raise IllegalMove(f"“{reset.title}” is {reset.get_state_display().lower()}; there is nothing to go on with.")
    forgiven = sum(_forgive(phase) for phase in held)
    news = News(reset, by=by, now=now)
    news.say("reset.resumed", {"from": reset.state, "held": [phase.name for phase in held], "forgiven": forgiven})
    reset.state = _state(reset)
    reset.trouble, reset.ended_at = "", None
    reset.save(update_fields=["state", "trouble", "ended_at"])
    advance(reset, news, now=now)
    news.publish()
    return reset


def _forgive(phase: Phase) -> int:
    """Let a held phase go on; return how many failures limits no longer count."""
    figures = figures_of(phase)
    for wave in phase.waves.all():
        wave.forgiven = figures[wave.number].missed if wave.number in figures else 0
        wave.save(update_fields=["forgiven"])
    phase.state, phase.held_because = Phase.State.RUNNING, ""
    phase.save(update_fields=["state", "held_because"])
    return sum(each.missed for each in figures.values())


def _state(reset: Reset) -> str:
    """Return where a reset goes on that was stopped: one may be aborted before its first phase, or before it froze."""
    if Phase.objects.filter(reset=reset).exists():
        return Reset.State.RUNNING
    return Reset.State.FROZEN if reset.frozen_at else Reset.State.DRAFT
