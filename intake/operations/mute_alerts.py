"""Let alerts wait that a maintenance explains, and route them when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from engine import wake
from engine.duties import Tick
from intake.models import Alert
from intake.operations.store_events import ROUTING
from intake.registry import mutings
from intake.rules.muting import waits
from web import live

UNMUTING: Final = "unmuting"
BATCH: Final = 500
LONGEST: Final = 300


def mute_alerts(alerts: Sequence[Alert], *, now: datetime) -> None:
    """Set of claimed alerts, whose services are known, why each waits; "" for those that are routed."""
    services = {alert.service_id for alert in alerts if alert.service_id is not None}
    muted = mutings.of(services, now)
    for alert in alerts:
        muting = muted.get(alert.service_id) if alert.service_id is not None else None
        followed = alert.incident_id is not None or alert.page_id is not None
        waiting = muting is not None and waits(
            first_seen=alert.first_seen, muted_since=muting.since, already_followed=followed
        )
        alert.muted = muting.reason[:LONGEST] if muting is not None and waiting else ""


def unmute_alerts(tick: Tick) -> int:
    """Give alerts back to routing that nothing mutes any more; return how many. The engine's duty "unmuting".

    Those that resolved meanwhile are over and keep the reason. However many wait longer, those that may go are found.
    Claims with `SKIP LOCKED`: any number of engines may run it.
    """
    waiting = Alert.objects.filter(state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED]).exclude(muted="")
    services = set(waiting.order_by().values_list("service", flat=True).distinct())
    if not services:
        return 0
    with transaction.atomic():
        muted = mutings.of([service for service in services if service], tick.now)
        over = Q(service=None) | ~Q(service__in=muted)
        for service, muting in muted.items():
            over |= Q(service=service, first_seen__lt=muting.since)
            _tell_why(waiting.filter(service=service), muting.reason[:LONGEST])
        claimed = waiting.filter(over).order_by("id").select_for_update(no_key=True, skip_locked=True)
        ids = list(claimed.values_list("id", flat=True)[:BATCH])
        Alert.objects.filter(pk__in=ids).update(muted="", routed_at=None)
    if ids:
        wake.wake(ROUTING)
        live.changed("alerts")
    return len(ids)


def _tell_why(waiting: QuerySet[Alert, Alert], reason: str) -> None:
    """Write the reason anew where it changed, such as a maintenance that was made longer."""
    stale = waiting.exclude(muted=reason).order_by("id").select_for_update(no_key=True, skip_locked=True)
    Alert.objects.filter(pk__in=list(stale.values_list("id", flat=True)[:BATCH])).update(muted=reason)
