"""What the engine does for resets: frees abandoned chunks, moves phases on, wakes workers, works where none does."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Final

from django.db.models import Max, Min

from engine import broker, watch
from engine.duties import Duty, Tick, register
from resets.models import Chunk, Reset
from resets.news import DUTY, QUEUE, TASK

if TYPE_CHECKING:
    from datetime import datetime

    from resets.work.crew import Crew

MESSAGES: Final = 4
"""Sent a second while something is due: they come to different workers, and each wakes a whole process."""
NOBODY_FOR_S: Final = 5.0
"""After this without a worker's doing the engine works by itself."""
THREADS: Final = 2
OVERDUE_LIMIT_S: Final = 600.0


class Driver:
    """Looks after all resets that run. Nothing here waits for a system that holds accounts."""

    def __init__(self) -> None:
        self._unattended_since: float | None = None

    def look(self, tick: Tick) -> int:
        """Free what was abandoned, move phases on, have what is due begun; return what was freed or moved."""
        running = list(Reset.objects.filter(state=Reset.State.RUNNING).values_list("pk", flat=True))
        freed = self._free(tick.now)
        if not running:
            return freed
        from resets.operations.advance import advance_reset
        from resets.work.claim import is_claimable

        moved = sum(advance_reset(each, now=tick.now) for each in running)
        if is_claimable(now=tick.now):
            broker.hand_over(TASK, [str(running[0])] * MESSAGES, QUEUE)
            if broker.is_lost() or self._is_unattended():
                crew().wake()
        else:
            self._unattended_since = None
        return freed + moved

    @staticmethod
    def _free(now: datetime) -> int:
        if not Chunk.objects.filter(state=Chunk.State.LEASED, lease_until__lte=now).exists():
            return 0
        from resets.work.leases import free_leases

        return free_leases(now=now)

    def _is_unattended(self) -> bool:
        """Tell whether something has been due for a while and nobody is at work."""
        if Chunk.objects.filter(state=Chunk.State.LEASED).exists():
            self._unattended_since = None
            return False
        moment = time.monotonic()
        self._unattended_since = self._unattended_since or moment
        return moment - self._unattended_since >= NOBODY_FOR_S


@cache
def crew() -> Crew:
    """Return the threads in which the engine does what no worker takes."""
    from resets.work.crew import Crew

    return Crew(threads=THREADS, name="engine-resets")


def oldest_due_s(now: datetime) -> float:
    """Return for how many seconds the oldest waiting chunk of a running phase has been due."""
    due = Chunk.objects.filter(
        state=Chunk.State.PENDING, due_at__lte=now, phase__state="running", phase__reset__state=Reset.State.RUNNING
    )
    oldest = due.aggregate(at=Min("due_at"))["at"]
    if oldest is None:
        return 0.0
    begun = Chunk.objects.filter(phase__reset__state=Reset.State.RUNNING).aggregate(at=Max("started_at"))["at"]
    since = max(oldest, begun) if begun is not None else oldest
    return float((now - since).total_seconds())


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name=DUTY, run=Driver().look))
    watch.register_gauge(
        "resets_without_work_s",
        oldest_due_s,
        limit=OVERDUE_LIMIT_S,
        sentence="A credential reset has work that is due, and nobody has begun any of it for too long, in seconds",
    )
