"""Find or open the incidents that alerts belong to: one per condition, per tool's group, per storm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from incidents.models import Incident
from incidents.operations.change_severity import change_severity
from incidents.operations.declare import Declaration, declare_all
from intake.models import Alert, RoutingRule
from intake.operations.count_in_burst import count_in_burst
from intake.operations.gather_storm import gather_storm
from intake.rules.text import clean
from web import live

Condition = tuple[int, str]
"""Integration and dedup key, or integration and group key."""


def join_or_open(*, alerts: Sequence[Alert], rule: RoutingRule, now: datetime) -> None:
    """Put `alerts` (claimed, all of `rule`) into incidents: an open one of their own condition, of their tool's group,
    or of the rule's storm; else open one for each condition or group.

    Locks the rule's burst row, so that two engines count one window; then the incidents that are joined, by id.
    """
    kept = _locked({alert.incident_id for alert in alerts if alert.incident_id})
    known = _open_incidents(alerts, rule)
    new: list[Alert] = []
    stays: set[int] = set()
    for alert in alerts:
        if alert.incident_id in kept:
            stays.add(alert.pk)  # it has become worse in its incident
            continue
        alert.incident_id = known.get(_of_condition(alert)) or known.get(_of_group(alert))
        if alert.incident_id is None:
            new.append(alert)
    _worsen(alerts, rule, now)
    leaders = _leaders(new)
    if leaders:
        _open(leaders, rule, now)
    followed = {_of_group(leader): leader.incident_id for leader in leaders if leader.group_key}
    for alert in new:
        if alert.incident_id is None:
            alert.incident_id = followed[_of_group(alert)]
    opened = {alert.pk for alert in leaders}
    _count(alert.incident_id for alert in alerts if alert.pk not in opened | stays)


def _worsen(alerts: Sequence[Alert], rule: RoutingRule, now: datetime) -> None:
    """Raise incidents that their condition, by `rule`, now calls worse than the rule that took it before did.

    A severity that people lowered stays, as long as the same rule takes the condition.
    """
    joined = {alert.incident_id for alert in alerts if alert.incident_id}
    milder = set(
        Incident.objects.filter(pk__in=joined, severity__gt=rule.incident_severity).values_list("pk", flat=True)
    )
    for incident_id in sorted(milder):
        keys = {(alert.integration_id, alert.dedup_key) for alert in alerts if alert.incident_id == incident_id}
        before = Alert.objects.filter(incident=incident_id, dedup_key__in={key for _, key in keys}).order_by("id")
        took = {
            (integration, key): taken_by
            for integration, key, taken_by in before.values_list("integration_id", "dedup_key", "rule_id")
        }
        if any(took.get(key, rule.pk) != rule.pk for key in keys):
            change_severity(incident_id=incident_id, severity=rule.incident_severity, by=rule.actor, now=now)


def _of_condition(alert: Alert) -> Condition:
    return alert.integration_id, f"condition:{alert.dedup_key}"


def _of_group(alert: Alert) -> Condition:
    return alert.integration_id, f"group:{alert.group_key}"


def _leaders(alerts: Sequence[Alert]) -> list[Alert]:
    """Return the alerts that need an incident of their own: the first of each group, and those of no group."""
    first: dict[Condition, Alert] = {}
    for alert in alerts:
        first.setdefault(_of_group(alert) if alert.group_key else (alert.integration_id, f"alert:{alert.pk}"), alert)
    return list(first.values())


def _open_incidents(alerts: Sequence[Alert], rule: RoutingRule) -> dict[Condition, UUID]:
    """Return the open incident of each condition (it flaps, or came back before the end) and group, all locked."""
    others = Alert.objects.filter(incident__status__in=Incident.OPEN).exclude(pk__in=[alert.pk for alert in alerts])
    same = others.filter(
        integration__in={alert.integration_id for alert in alerts}, dedup_key__in={alert.dedup_key for alert in alerts}
    )
    found = {(integration, f"condition:{key}"): incident for integration, key, incident in _rows(same, "dedup_key")}
    groups = {alert.group_key for alert in alerts if alert.group_key}
    if groups:
        together = others.filter(
            rule=rule, group_key__in=groups, state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED]
        )
        found |= {
            (integration, f"group:{key}"): incident for integration, key, incident in _rows(together, "group_key")
        }
    still_open = _locked(set(found.values()))
    return {condition: incident for condition, incident in found.items() if incident in still_open}


def _rows(alerts: QuerySet[Alert, Alert], key: str) -> Iterable[tuple[int, str, UUID]]:
    return alerts.order_by("id").values_list("integration_id", key, "incident_id")  # the newest one wins


def _locked(ids: set[UUID]) -> set[UUID]:
    open_ones = Incident.objects.filter(pk__in=ids, status__in=Incident.OPEN).order_by("pk")
    return set(open_ones.select_for_update(no_key=True).values_list("pk", flat=True)) if ids else set()


def _open(alerts: Sequence[Alert], rule: RoutingRule, now: datetime) -> None:
    """Open an incident for each of `alerts`; when that is a storm, one for all of them, with those before it."""
    burst = count_in_burst(rule=rule, alerts=len(alerts), now=now)
    if not burst.is_storm:
        _declare(alerts, rule, now)
        return
    storm = gather_storm(rule=rule, burst=burst, now=now)
    if storm is None:
        _declare(alerts[:1], rule, now)
        alerts = alerts[1:]
        storm = gather_storm(rule=rule, burst=burst, now=now)
    for alert in alerts:
        alert.incident_id = storm
    _count([storm] * len(alerts))


def _declare(alerts: Sequence[Alert], rule: RoutingRule, now: datetime) -> None:
    declarations = [
        Declaration(
            title=clean(alert.summary, 200),
            severity=rule.incident_severity,
            type=rule.incident_type,
            service=rule.service or alert.service,
            rule=rule.mark,
        )
        for alert in alerts
    ]
    incidents = declare_all(declarations, by=rule.actor, now=now)
    Incident.objects.filter(pk__in=[incident.pk for incident in incidents]).update(alert_count=1)
    for alert, incident in zip(alerts, incidents, strict=True):
        alert.incident = incident


def _count(incidents: Iterable[UUID | None]) -> None:
    """Add to the incidents' counts what joined them, and take back a suggestion to resolve."""
    joined = Counter(pk for pk in incidents if pk is not None)
    for pk, more in sorted(joined.items()):
        Incident.objects.filter(pk=pk).update(
            alert_count=F("alert_count") + more, suggestion="", version=F("version") + 1
        )
        live.changed(f"incident:{pk}")
