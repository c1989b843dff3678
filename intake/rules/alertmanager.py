"""Alertmanager's webhook (version 4) and Grafana's (version 1, the same and more), read leniently: users may template
them, and fields grow.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from intake.rules.parsed import NotUnderstood, ParsedEvent
from intake.rules.text import clean
from intake.rules.times import plausible, read_time

_SEVERITY: Final = {
    "critical": "critical",
    "page": "critical",
    "disaster": "critical",
    "emergency": "critical",
    "error": "error",
    "high": "error",
    "major": "error",
    "warning": "warning",
    "warn": "warning",
    "minor": "warning",
    "info": "info",
    "informational": "info",
    "none": "info",
}


def parse_webhook(body: Any) -> tuple[list[ParsedEvent], str | None]:
    """Return the events, and the group key whose every alert is over (status resolved) or None.

    With `max_alerts` the list may be cut (`truncatedAlerts`), also on resolve: so "all resolved" is read from the
    group's `status`, never from the list. Raises `NotUnderstood`.
    """
    if not isinstance(body, dict):
        raise NotUnderstood("Not an Alertmanager webhook", ["The body must be a JSON object."])
    alerts = body.get("alerts")
    if not isinstance(alerts, list) or not all(isinstance(alert, dict) for alert in alerts):
        raise NotUnderstood("Not an Alertmanager webhook", ["'alerts' must be a list of objects."])
    if not alerts and not body.get("groupKey"):
        raise NotUnderstood("Not an Alertmanager webhook", ["'alerts' is empty and there is no 'groupKey'."])
    group = _group_key(body)
    around = {name: body[name] for name in ("receiver", "externalURL", "groupLabels") if body.get(name)}
    events = [_event(alert, body, group, around) for alert in alerts]
    return events, group if group and body.get("status") == "resolved" else None


def _event(alert: dict[str, Any], body: dict[str, Any], group: str, around: dict[str, Any]) -> ParsedEvent:
    labels = _texts(alert.get("labels")) or _texts(body.get("commonLabels"))
    notes = {**_texts(body.get("commonAnnotations")), **_texts(alert.get("annotations"))}
    resolved = (alert.get("status") or body.get("status")) == "resolved"
    name = labels.get("alertname", "")
    summary = notes.get("summary") or notes.get("description") or notes.get("message") or name or "Alert without a name"
    return ParsedEvent(
        action="resolve" if resolved else "trigger",
        dedup_key=_fingerprint(alert, labels),
        raw={**around, "alert": alert},
        summary=clean(summary, 1024),
        source=clean(labels.get("instance") or labels.get("job") or body.get("receiver") or "alertmanager", 255),
        severity=_SEVERITY.get(labels.get("severity", "").lower(), "error"),
        group_key=group,
        started_at=plausible(read_time(alert.get("startsAt"))),
        fields={"labels": labels, "annotations": notes, "class": name, **_values(alert)},
        links=_links(alert),
    )


def _texts(value: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _fingerprint(alert: dict[str, Any], labels: dict[str, str]) -> str:
    given = alert.get("fingerprint")
    if isinstance(given, str) and 0 < len(given) <= 255:
        return given
    return hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()


def _group_key(body: dict[str, Any]) -> str:
    given = body.get("groupKey")
    return hashlib.sha256(given.encode()).hexdigest() if isinstance(given, str) and given else ""


def _values(alert: dict[str, Any]) -> dict[str, Any]:
    """Return Grafana's measured values, where there are any."""
    return {"values": alert["values"]} if isinstance(alert.get("values"), dict) else {}


def _links(alert: dict[str, Any]) -> list[dict[str, str]]:
    words = (
        ("generatorURL", "Source"),
        ("dashboardURL", "Dashboard"),
        ("panelURL", "Panel"),
        ("silenceURL", "Silence"),
    )
    return [
        {"href": alert[name], "text": text}
        for name, text in words
        if isinstance(alert.get(name), str) and alert[name].startswith(("http://", "https://"))
    ]
