"""What is due for calls to lines: those whose caller is gone without a word are over."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine.duties import Duty, Tick, register
from rooms.calls.operations.ring import hang_up
from rooms.models import LiveCall

LONGEST: Final = timedelta(minutes=30)
"""A menu, every level of a policy and a message of three minutes fit into it."""
LONGEST_TALK: Final = timedelta(hours=4)
"""Twilio hangs up then by itself (TimeLimit of Dial, 14,400 s)."""
MOST: Final = 50


def register_duties() -> None:
    """Have forgotten calls ended every minute."""
    register(Duty(name="calls", run=end_forgotten, every_s=60.0, late_after_s=600.0))


def end_forgotten(tick: Tick) -> int:
    """End calls of which nothing was heard for as long as a call can last; return how many."""
    under_way = LiveCall.objects.filter(ended_at=None)
    talking = under_way.filter(state=LiveCall.State.TALKING, began_at__lte=tick.now - LONGEST_TALK)
    waiting = under_way.exclude(state=LiveCall.State.TALKING).filter(began_at__lte=tick.now - LONGEST)
    found = [*talking[:MOST], *waiting[:MOST]]
    for call in found:
        hang_up(call=call, now=tick.now)
    return len(found)
