"""Retention: raw events and quarantine leave after their time; alerts stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine.duties import Tick
from intake.models import Event, Quarantined

EVENTS_KEPT: Final = timedelta(days=90)
"""As long as the vendor of the Events API keeps change events."""
QUARANTINE_KEPT: Final = timedelta(days=30)
BATCH: Final = 5000


def prune_events(tick: Tick) -> int:
    """Delete raw events and quarantined bodies past their time, in batches that hold no lock for long."""
    old_events = Event.objects.filter(received_at__lt=tick.now - EVENTS_KEPT).values("pk")[:BATCH]
    old_rejects = Quarantined.objects.filter(received_at__lt=tick.now - QUARANTINE_KEPT).values("pk")[:BATCH]
    removed, _ = Event.objects.filter(pk__in=old_events).delete()
    rejected, _ = Quarantined.objects.filter(pk__in=old_rejects).delete()
    return removed + rejected
