"""Page the policy of an alert's service; a storm of one rule is one page."""

from __future__ import annotations

from datetime import datetime

from intake.models import Alert, RoutingRule
from intake.operations.alarm_unrouted import alarm_unrouted
from intake.operations.count_in_burst import count_in_burst
from intake.rules.text import clean
from intake.rules.weight import page_severity, page_urgency
from notifications.models import Page
from notifications.operations.start_page import start_page
from notifications.queries import freeze


def page_for_alert(*, alert: Alert, rule: RoutingRule, now: datetime) -> None:
    """Start a page by the policy of the rule's or the alert's service; without one the administrators are paged."""
    service = rule.service or alert.service
    if service is None or service.policy is None:
        what = f"The service {service} has no escalation policy." if service else "No service is known for this alert."
        alarm_unrouted(alert=alert, trouble=what, now=now)
        return
    burst = count_in_burst(rule=rule, now=now)
    running = _open_page(rule) if burst.is_storm else None
    if running is not None:
        alert.page_id = running.pk
        return
    page = start_page(
        title=clean(f"{service}: {alert.summary}", 300),
        urgency=page_urgency(alert.severity),
        severity=page_severity(alert.severity),
        policy=freeze(service.policy),
        purpose=rule.mark,
        by=rule.actor,
        now=now,
    )
    alert.page_id = page.pk


def _open_page(rule: RoutingRule) -> Page | None:
    return (
        Page.objects.filter(purpose=rule.mark, state__in=[Page.State.PAGING, Page.State.ACKNOWLEDGED])
        .order_by("-started_at")
        .first()
    )
