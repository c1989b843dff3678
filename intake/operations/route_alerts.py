"""Route alerts: the first rule that matches decides; an alert without a way out reaches the administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from django.db import OperationalError, transaction

from engine.duties import Tick
from incidents.models import Service
from intake.models import Alert, RoutingRule
from intake.operations.alarm_unrouted import alarm_unrouted
from intake.operations.open_for_alert import join_or_open
from intake.operations.page_for_alert import page_for_alert
from intake.rules.routing import first_match
from intake.rules.service import named_service
from web import live

log = structlog.get_logger(__name__)

BATCH: Final = 100


def route_alerts(tick: Tick) -> int:
    """Route what waits, oldest first; return how many were routed. The engine's duty "routing".

    Ids are read without a lock; each alert is then claimed and routed in a transaction of its own, so that one that
    fails holds nothing up, and what is done is done when the process is killed. Any number of engines may run it.
    """
    waiting = list(Alert.objects.filter(routed_at=None).order_by("id").values_list("id", flat=True)[:BATCH])
    if not waiting:
        return 0
    book = RuleBook()
    routed = 0
    for alert_id in waiting:
        if tick.out_of_time():
            break
        routed += _route_safely(alert_id, book, tick.now)
    live.changed("alerts")
    return routed


class RuleBook:
    """The active rules and the services, read once a batch."""

    def __init__(self) -> None:
        self.rules = list(RoutingRule.objects.filter(active=True).select_related("service__policy"))
        services = list(Service.objects.select_related("policy"))
        self.services = {service.pk: service for service in services}
        self.names = {name.casefold(): service for service in services for name in (service.key, service.name)}


def _route_safely(alert_id: int, book: RuleBook, now: datetime) -> int:
    try:
        with transaction.atomic():
            return _route(alert_id, book, now)
    except OperationalError:
        raise  # the database is away or two of us met: the next look takes it
    except Exception as error:
        # The edge of the loop: whatever is wrong with this alert or its rule, a human must hear of it.
        log.exception("alert could not be routed", alert=alert_id)
        with transaction.atomic():
            alert = _claim(alert_id)
            if alert is None:
                return 0
            alarm_unrouted(alert=alert, trouble=f"Routing failed ({type(error).__name__}).", now=now)
            return _settle_routing(alert, now)


def _route(alert_id: int, book: RuleBook, now: datetime) -> int:
    alert = _claim(alert_id)
    if alert is None:
        return 0
    if alert.service_id is None:
        alert.service = named_service(alert.fields, book.names)
    else:
        alert.service = book.services[alert.service_id]
    rule = first_match(book.rules, _facts(alert))
    alert.rule = rule
    if rule is None:
        alarm_unrouted(alert=alert, trouble="No routing rule matches this alert.", now=now)
    elif rule.action == RoutingRule.Action.PAGE:
        page_for_alert(alert=alert, rule=rule, now=now)
    elif rule.action == RoutingRule.Action.INCIDENT:
        join_or_open(alert=alert, rule=rule, now=now)
    return _settle_routing(alert, now)


def _claim(alert_id: int) -> Alert | None:
    return (
        Alert.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("integration")
        .filter(pk=alert_id, routed_at=None)
        .first()
    )


def _settle_routing(alert: Alert, now: datetime) -> int:
    alert.routed_at = now
    alert.save(update_fields=["service", "rule", "incident", "page_id", "trouble", "routed_at"])
    return 1


def _facts(alert: Alert) -> dict[str, object]:
    return {
        "source": alert.source,
        "service": alert.service.key if alert.service else None,
        "severity": alert.severity,
        "summary": alert.summary,
        "dedup_key": alert.dedup_key,
        "integration": alert.integration.name,
        "fields": alert.fields,
    }
