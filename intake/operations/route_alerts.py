"""Route alerts: the first rule that matches decides; an alert without a way out reaches the administrators.

What a maintenance explains is recorded and waits (`intake.operations.mute_alerts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from engine.duties import Tick
from intake.models import Alert, RoutingRule
from intake.operations.alarm_unrouted import alarm_unrouted
from intake.operations.mute_alerts import mute_alerts
from intake.operations.open_for_alerts import join_or_open
from intake.operations.page_for_alert import page_for_alert
from intake.rule_book import RuleBook
from notifications.operations.alarm_administrators import alarm_administrators
from web import live

log = structlog.get_logger(__name__)

BATCH: Final = 100


def route_alerts(tick: Tick) -> int:
    """Route up to 100 waiting alerts, oldest first; return how many were routed. The engine's duty "routing".

    A batch is one commit; when one of its alerts fails, the batch is done again one by one, so that the failing one
    holds nothing up and a human hears of it. Claims with `SKIP LOCKED`: any number of engines may run it. A lost
    database is raised.
    """
    try:
        with transaction.atomic():
            routed = _route(_claim(), tick.now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("alerts not routed together")
        routed = _route_singly(tick)
    if routed:
        live.changed("alerts")
    return routed


def _route_singly(tick: Tick) -> int:
    routed = 0
    waiting = Alert.objects.filter(routed_at=None).order_by("id").values_list("id", flat=True)
    for alert_id in list(waiting[:BATCH]):
        if tick.out_of_time():
            break
        try:
            with transaction.atomic():
                routed += _route(_claim(only=alert_id), tick.now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # Whatever is wrong with this alert or its rule, a human must hear of it.
            log.exception("alert could not be routed", alert=alert_id)
            routed += _tell_or_give_up(alert_id, error, tick.now)
    return routed


def _tell_or_give_up(alert_id: int, error: Exception, now: datetime) -> int:
    """Tell about an alert that can't be routed; one that can't even be read is put aside, so that it hides no other."""
    try:
        return _tell(alert_id, error, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("alert put aside", alert=alert_id)
    with transaction.atomic():
        waiting = Alert.objects.filter(pk=alert_id, routed_at=None)
        aside = waiting.update(routed_at=now, trouble=f"Routing failed ({type(error).__name__}); look at it by hand.")
        if aside:
            sentence = f"Alert {alert_id} could not be routed and paged nobody. Look at it by hand."
            alarm_administrators(cause=f"alert-put-aside:{alert_id}", sentence=sentence, now=now)
    return aside


def _tell(alert_id: int, error: Exception, now: datetime) -> int:
    with transaction.atomic():
        alerts = _claim(only=alert_id)
        for alert in alerts:
            alarm_unrouted(alert=alert, trouble=f"Routing failed ({type(error).__name__}).", now=now)
        return _settle_routing(alerts, now)


def _claim(*, only: int | None = None) -> list[Alert]:
    waiting = Alert.objects.filter(routed_at=None).select_related("integration").order_by("id")
    if only is not None:
        waiting = waiting.filter(pk=only)
    return list(waiting.select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH])


def _route(alerts: Sequence[Alert], now: datetime) -> int:
    if not alerts:
        return 0
    book = RuleBook(alerts)
    incidents: dict[RoutingRule, list[Alert]] = {}
    for alert in alerts:
        alert.rule = book.rule_for(alert)
    mute_alerts(alerts, now=now)
    for alert in alerts:
        rule = alert.rule
        if alert.muted:
            continue
        if rule is None:
            alarm_unrouted(alert=alert, trouble="No routing rule matches this alert.", now=now)
        elif rule.action == RoutingRule.Action.PAGE:
            page_for_alert(alert=alert, rule=rule, now=now)
        elif rule.action == RoutingRule.Action.INCIDENT:
            incidents.setdefault(rule, []).append(alert)
    for rule, of_rule in sorted(incidents.items(), key=lambda item: item[0].pk):
        join_or_open(alerts=of_rule, rule=rule, now=now)
    return _settle_routing(alerts, now)


# One statement for the whole batch; the rows are claimed, so nobody else writes these columns meanwhile.
_SETTLE: Final = """
UPDATE intake_alert AS a
SET service_id = r.service, rule_id = r.rule, incident_id = r.incident, page_id = r.page, trouble = r.trouble,
    muted = r.muted, routed_at = %s
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[], %s::uuid[], %s::text[], %s::text[])
    AS r(id, service, rule, incident, page, trouble, muted)
WHERE a.id = r.id
"""


def _settle_routing(alerts: Sequence[Alert], now: datetime) -> int:
    if not alerts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            [
                now,
                [alert.pk for alert in alerts],
                [alert.service_id for alert in alerts],
                [alert.rule_id for alert in alerts],
                [alert.incident_id for alert in alerts],
                [alert.page_id for alert in alerts],
                [alert.trouble for alert in alerts],
                [alert.muted for alert in alerts],
            ],
        )
    return len(alerts)
