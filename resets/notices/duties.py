"""What the engine does for notices: writes letters, hands them to workers, and sends what nobody else does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from engine import broker
from engine.duties import Duty, Tick, register
from resets.models import Notice
from resets.notices import writing
from resets.notices.letters import free_leases, is_due
from resets.notices.operations.send_notice import DUTY
from resets.notices.sending import send_batch

TASK: Final = "resets.send_notices"
QUEUE: Final = "bulk"
NOBODY_FOR: Final = timedelta(seconds=6)
"""Letters are due and nobody has taken any for so long: the engine sends by itself."""


def move_notices(tick: Tick) -> int:
    """Write letters, hand over what is due, send what nobody sends, close what is over; return rows moved."""
    moved = free_leases(now=tick.now)
    for notice_id in writing.open_notices():
        while not tick.out_of_time():
            written = writing.write_letters(notice_id, now=tick.now)
            moved += written
            if written < writing.BATCH:
                break
        if is_due(notice_id, now=tick.now):
            broker.hand_over(TASK, [str(notice_id)], QUEUE)
            if broker.is_lost() or _nobody_sends(notice_id, now=tick.now):
                send_batch(notice_id, now=tick.now)
        moved += writing.finish(notice_id, now=tick.now)
    return moved


def _nobody_sends(notice_id: int, *, now: datetime) -> bool:
    """Tell whether no process has taken a letter for a while; each claim leaves its time in the round's row."""
    row = Notice.objects.filter(pk=notice_id).values_list("filled_at", "warm_since").first()
    last = (row[0] or row[1]) if row else None
    return last is None or now - last >= NOBODY_FOR


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name=DUTY, run=move_notices))
