"""What grows without end and is of no use after its time: old answers, sessions, failed sign-ins."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session

from engine.duties import Duty, Tick, register
from web.models import IdempotencyKey

SESSIONS_AT_ONCE: Final = 1000
ATTEMPTS_KEPT_FOR: Final = timedelta(days=1)


def tidy(tick: Tick) -> int:
    """Remove one batch of each; return how many rows went."""
    gone = IdempotencyKey.objects.forget_old(now=tick.now)
    over = list(Session.objects.filter(expire_date__lt=tick.now).values_list("pk", flat=True)[:SESSIONS_AT_ONCE])
    gone += Session.objects.filter(pk__in=over).delete()[0]
    before = tick.now - max(ATTEMPTS_KEPT_FOR, settings.AXES_COOLOFF_TIME)
    deleted: int = AccessAttempt.objects.filter(attempt_time__lt=before).delete()[0]
    return gone + deleted


def register_duty() -> None:
    """Let the engine tidy up every ten minutes; being half an hour late harms nobody."""
    register(Duty(name="housekeeping", run=tidy, every_s=600.0, late_after_s=1800.0))
