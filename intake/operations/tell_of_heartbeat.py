"""What a heartbeat tells the intake about itself, as any tool would: trouble, or that it is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from incidents.models import Incident
from intake.models import Alert, Heartbeat
from intake.operations.store_events import Source, store_events
from intake.rules.heartbeat_words import told
from intake.rules.parsed import ParsedEvent
from intake.rules.text import clean
from notifications.models import Page
from notifications.queries import OPEN_STATES

SOURCE: Final = "heartbeat"
SUMMARY_LENGTH: Final = 1024


def tell_trouble(
    *, heartbeat: Heartbeat, summary: str, about: dict[str, Any], since: datetime | None, now: datetime
) -> None:
    """Open the heartbeat's alert, or count it up. The caller holds the heartbeat's lock.

    Whose incident was closed, or whose page ended, while the trouble went on, opens a new alert: what people believed
    to be over is not, and a counter that goes up wakes nobody.
    """
    trouble = ParsedEvent(
        action="trigger",
        dedup_key=heartbeat.dedup_key,
        raw={"heartbeat": heartbeat.pk, "name": heartbeat.name, **about},
        summary=clean(summary, SUMMARY_LENGTH),
        source=SOURCE,
        severity=heartbeat.severity,
        started_at=since,
        fields={"component": heartbeat.name, "class": SOURCE, "schedule": told(heartbeat.schedule), **about},
        links=[{"href": f"{settings.PUBLIC_URL}{reverse('heartbeat', args=[heartbeat.pk])}", "text": heartbeat.name}],
    )
    events = [trouble]
    if _thought_over(heartbeat):
        events.insert(0, _over(heartbeat, "Its incident or page has ended; the trouble has not."))
    store_events(source=_source(heartbeat), events=events, now=now)


def tell_well(*, heartbeat: Heartbeat, why: str, now: datetime) -> None:
    """Resolve the heartbeat's alert where there is one. The caller holds the heartbeat's lock."""
    store_events(source=_source(heartbeat), events=[_over(heartbeat, why)], now=now)


def _over(heartbeat: Heartbeat, why: str) -> ParsedEvent:
    return ParsedEvent(action="resolve", dedup_key=heartbeat.dedup_key, raw={"heartbeat": heartbeat.pk, "why": why})


def _source(heartbeat: Heartbeat) -> Source:
    return Source(heartbeat.integration_id, heartbeat.integration.service_id)


def _thought_over(heartbeat: Heartbeat) -> bool:
    """Tell whether the alert is open and routed, and what followed from it has ended."""
    alert = (
        Alert.objects.filter(integration=heartbeat.integration_id, dedup_key=heartbeat.dedup_key)
        .filter(state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED], routed_at__isnull=False)
        .values_list("incident__status", "page_id")
        .first()
    )
    if alert is None:
        return False
    status: str | None = alert[0]
    page_id = alert[1]
    if status is not None:
        return status not in Incident.OPEN
    return page_id is not None and not Page.objects.filter(pk=page_id, state__in=OPEN_STATES).exists()
