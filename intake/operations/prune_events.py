"""Retention: raw events, quarantine and reports of jobs leave after their time; alerts stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import F

from engine.duties import Tick
from intake.models import Event, Ping, Quarantined

EVENTS_KEPT: Final = timedelta(days=90)
"""As long as the vendor of the Events API keeps change events."""
QUARANTINE_KEPT: Final = timedelta(days=30)
PINGS_KEPT: Final = 1000
"""Of each heartbeat, the newest: a job that reports every few seconds must not fill the disk in 90 days."""
BATCH: Final = 5000


def prune_events(tick: Tick) -> int:
    """Delete raw events, reports and quarantined bodies past their time, in batches that hold no lock for long."""
    old_events = Event.objects.filter(received_at__lt=tick.now - EVENTS_KEPT).values("pk")[:BATCH]
    old_rejects = Quarantined.objects.filter(received_at__lt=tick.now - QUARANTINE_KEPT).values("pk")[:BATCH]
    removed, _ = Event.objects.filter(pk__in=old_events).delete()
    rejected, _ = Quarantined.objects.filter(pk__in=old_rejects).delete()
    return removed + rejected + _prune_pings(tick)


def _prune_pings(tick: Tick) -> int:
    old = Ping.objects.filter(at__lt=tick.now - EVENTS_KEPT).values("pk")[:BATCH]
    removed, _ = Ping.objects.filter(pk__in=old).delete()
    crowded = Ping.objects.filter(number__lte=F("heartbeat__ping_count") - PINGS_KEPT).values("pk")[:BATCH]
    crowded_out, _ = Ping.objects.filter(pk__in=crowded).delete()
    return removed + crowded_out
