"""Alerts, events and the quarantine as the API shows them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final, Literal

from intake.models import Alert, Event, IntegrationKey, Quarantined
from web.api import Schema, Window
from web.api.fields import Given, Name

_ROUTING_KEY: Final = re.compile(r'("routing_key"\s*:\s*")([^"]*)([^"]{4}")')


class AlertsAsked(Window):
    """Which alerts: in a state, about a service (key or id), of an incident (id or number)."""

    state: Literal["", "open", "acknowledged", "resolved"] = ""
    service: Name = ""
    incident: Name = ""


class IntegrationRef(Schema):
    """The key by which it came, never the key itself."""

    id: str
    name: str
    kind: str


class AlertOut(Schema):
    """The condition behind events with one dedup key. `service` is its key; `count` is how often it was triggered.

    `muted` says why nobody is called for it: a maintenance explains it. It is routed when that is over.
    """

    id: str
    dedup_key: str
    summary: str
    source: str
    severity: str
    service: str | None
    integration: IntegrationRef
    state: str
    count: int
    incident_id: str | None
    page_id: str | None
    first_seen: datetime
    last_seen: datetime
    resolved_at: datetime | None
    links: list[dict[str, Any]]
    trouble: str
    muted: str


class EventOut(Schema):
    """What a tool sent, as it came."""

    id: str
    action: str
    dedup_key: str
    alert_id: str | None
    integration: IntegrationRef
    received_at: datetime
    raw: Any


class ReplayIn(Given):
    """The integration (id) by which it should have come; unless given, the one it came by or whose key it carries."""

    integration: Name | None = None


class QuarantinedOut(Schema):
    """What could not be understood, and why. `body` is what came, at most 64 KB of it, its routing key masked."""

    id: str
    path: str
    reason: str
    integration: IntegrationRef | None
    body: str
    received_at: datetime
    replayed_at: datetime | None


def _integration_ref(integration: IntegrationKey) -> IntegrationRef:
    return IntegrationRef(id=str(integration.pk), name=integration.name, kind=integration.kind)


def alert_out(alert: Alert) -> AlertOut:
    """Return an alert of `visible_alerts`."""
    return AlertOut(
        id=str(alert.pk),
        dedup_key=alert.dedup_key,
        summary=alert.summary,
        source=alert.source,
        severity=alert.severity,
        service=alert.service.key if alert.service else None,
        integration=_integration_ref(alert.integration),
        state=alert.state,
        count=alert.count,
        incident_id=str(alert.incident_id) if alert.incident_id else None,
        page_id=str(alert.page_id) if alert.page_id else None,
        first_seen=alert.first_seen,
        last_seen=alert.last_seen,
        resolved_at=alert.resolved_at,
        links=alert.links,
        trouble=alert.trouble,
        muted=alert.muted,
    )


def event_out(event: Event) -> EventOut:
    """Return an event of `visible_events`."""
    return EventOut(
        id=str(event.pk),
        action=event.action,
        dedup_key=event.dedup_key,
        alert_id=str(event.alert_id) if event.alert_id else None,
        integration=_integration_ref(event.integration),
        received_at=event.received_at,
        raw=event.raw,
    )


def quarantined_out(row: Quarantined) -> QuarantinedOut:
    """Return a rejected request; whoever reads it learns the last four characters of a routing key."""
    body = bytes(row.body).decode(errors="replace")
    return QuarantinedOut(
        id=str(row.pk),
        path=row.path,
        reason=row.reason,
        integration=_integration_ref(row.integration) if row.integration else None,
        body=_ROUTING_KEY.sub(r"\1…\3", body),
        received_at=row.received_at,
        replayed_at=row.replayed_at,
    )
