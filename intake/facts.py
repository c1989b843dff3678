"""What routing rules may ask about an alert."""

from __future__ import annotations

from intake.models import Alert


def facts_of(alert: Alert) -> dict[str, object]:
    """Return an alert's facts by the names that conditions use; its service and integration are at hand."""
    return {
        "source": alert.source,
        "service": alert.service.key if alert.service else None,
        "severity": alert.severity,
        "summary": alert.summary,
        "dedup_key": alert.dedup_key,
        "integration": alert.integration.name,
        "fields": alert.fields,
    }
