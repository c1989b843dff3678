"""Find or open the incident an alert belongs to: one per condition, per tool's group, per storm."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from incidents.models import Incident
from incidents.operations.declare import declare
from intake.models import Alert, RoutingRule
from intake.operations.count_in_burst import count_in_burst
from intake.operations.gather_storm import gather_storm
from intake.rules.text import clean
from web import live


def join_or_open(*, alert: Alert, rule: RoutingRule, now: datetime) -> None:
    """Put `alert` (claimed) into an open incident of its own condition or group or of the rule's storm, or open one.

    Locks the rule's burst row, so that two engines count one window; then the incident.
    """
    incident = _same_condition(alert) or _same_group(alert, rule)
    if incident is None:
        burst = count_in_burst(rule=rule, now=now)
        if burst.is_storm:
            incident = gather_storm(rule=rule, burst=burst, now=now)
    if incident is None:
        _open(alert, rule, now)
    else:
        _join(alert, incident)


def _same_condition(alert: Alert) -> Incident | None:
    """Return the open incident that this very condition opened before (it flaps, or it came back before the end)."""
    return _open_incident(
        Alert.objects.filter(
            integration=alert.integration_id, dedup_key=alert.dedup_key, incident__status__in=Incident.OPEN
        )
    )


def _same_group(alert: Alert, rule: RoutingRule) -> Incident | None:
    if not alert.group_key:
        return None
    return _open_incident(
        Alert.objects.filter(
            integration=alert.integration_id,
            group_key=alert.group_key,
            rule=rule,
            state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED],
            incident__status__in=Incident.OPEN,
        )
    )


def _open_incident(alerts: QuerySet[Alert]) -> Incident | None:
    return lock_open_incident(alerts.order_by("-id").values_list("incident", flat=True).first())


def lock_open_incident(incident_id: UUID | None) -> Incident | None:
    """Lock and return the incident if it is still open."""
    if incident_id is None:
        return None
    return Incident.objects.select_for_update(no_key=True).filter(pk=incident_id, status__in=Incident.OPEN).first()


def _open(alert: Alert, rule: RoutingRule, now: datetime) -> None:
    incident = declare(
        title=clean(alert.summary, 200),
        severity=rule.incident_severity,
        type=rule.incident_type,
        service=rule.service or alert.service,
        rule=rule.mark,
        by=rule.actor,
        now=now,
    )
    Incident.objects.filter(pk=incident.pk).update(alert_count=1)
    alert.incident = incident


def _join(alert: Alert, incident: Incident) -> None:
    alert.incident = incident
    Incident.objects.filter(pk=incident.pk).update(
        alert_count=F("alert_count") + 1, suggestion="", version=F("version") + 1
    )
    live.changed(incident.subject)
