"""Open the gate of a wave: the second person's word."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from people.models import Person
from resets.models import Wave
from resets.news import News
from resets.operations.advance import advance
from resets.operations.locking import locked
from web.errors import IllegalMove, NotAllowed


def open_wave(*, wave: Wave, by: Actor, now: datetime) -> Wave:
    """Open the gate of `wave` and return it; it begins when the waves before it let it.

    Only a person opens a gate, and another one than who asked for the reset (`NotAllowed`). A gate that is open stays
    so. Raises `IllegalMove` where nobody asked for the wave. Locks the reset, then the wave.
    """
    reset = locked(wave.phase.reset)
    wave = Wave.objects.select_for_update(no_key=True, of=("self",)).select_related("phase").get(pk=wave.pk)
    if not wave.wanted:
        raise IllegalMove(f"Nobody has asked for wave {wave.number} yet.")
    if wave.state != Wave.State.CLOSED or wave.opened_at is not None:
        return wave
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    if person is None:
        raise NotAllowed("A gate is opened by a person.")
    if person.pk == reset.created_by_id:
        raise NotAllowed("You asked for this reset; its gates are opened by somebody else.")
    wave.opened_by, wave.opened_at = person, now
    wave.save(update_fields=["opened_by", "opened_at"])
    news = News(reset, by=by, now=now)
    news.say("reset.gate_opened", {"phase": wave.phase.name, "wave": wave.number})
    advance(reset, news, now=now)
    news.publish()
    wave.refresh_from_db()
    return wave
