"""What a heartbeat tells the intake about itself, as any tool would: trouble, or that it is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from intake.models import Heartbeat
from intake.operations.store_events import Source, store_events
from intake.operations.thought_over import WHY, thought_over
from intake.rules.heartbeat_words import told
from intake.rules.parsed import ParsedEvent
from intake.rules.text import clean

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
    if thought_over(integration_id=heartbeat.integration_id, dedup_keys=[heartbeat.dedup_key]):
        events.insert(0, _over(heartbeat, WHY))
    store_events(source=_source(heartbeat), events=events, now=now)


def tell_well(*, heartbeat: Heartbeat, why: str, now: datetime) -> None:
    """Resolve the heartbeat's alert where there is one. The caller holds the heartbeat's lock."""
    store_events(source=_source(heartbeat), events=[_over(heartbeat, why)], now=now)


def _over(heartbeat: Heartbeat, why: str) -> ParsedEvent:
    return ParsedEvent(action="resolve", dedup_key=heartbeat.dedup_key, raw={"heartbeat": heartbeat.pk, "why": why})


def _source(heartbeat: Heartbeat) -> Source:
    return Source(heartbeat.integration_id, heartbeat.integration.service_id)
