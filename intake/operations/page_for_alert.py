"""Page the policy of an alert's service; a storm of one rule is one page."""

from __future__ import annotations

from datetime import datetime

from intake.models import Alert, Burst, RoutingRule
from intake.operations.alarm_unrouted import alarm_unrouted
from intake.operations.count_in_burst import count_in_burst
from intake.rules.text import clean
from intake.rules.weight import page_severity, page_urgency
from notifications.models import Page, Urgency
from notifications.operations.cancel_pages import cancel_pages
from notifications.operations.start_page import start_page
from notifications.queries import OPEN_STATES, freeze
from notifications.rules.frozen_policy import FrozenPolicy


def page_for_alert(*, alert: Alert, rule: RoutingRule, now: datetime) -> None:
    """Start a page by the policy of the rule's or the alert's service; without one the administrators are paged."""
    service = rule.service or alert.service
    if service is None or service.policy is None:
        what = f"The service {service} has no escalation policy." if service else "No service is known for this alert."
        alarm_unrouted(alert=alert, trouble=what, now=now)
        return
    urgency, policy = page_urgency(alert.severity), freeze(service.policy)
    before = _page_before(alert)
    if before is not None and not _is_louder(urgency, than=before):
        return  # it became worse, and the page that it has wakes people already
    burst = count_in_burst(rule=rule, now=now)
    running = _storm_page(burst, policy=policy, urgency=urgency) if burst.is_storm else None
    page = running or start_page(
        title=clean(f"{service}: {alert.summary}", 300),
        urgency=urgency,
        severity=page_severity(alert.severity),
        policy=policy,
        purpose=rule.mark,
        by=rule.actor,
        now=now,
    )
    alert.page_id = page.pk
    if before is not None:
        Alert.objects.filter(page_id=before.pk, state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED]).update(
            page_id=page.pk
        )
        cancel_pages(page_ids=[before.pk], reason=Page.CancelReason.MERGED, by=rule.actor, now=now)


def _storm_page(burst: Burst, *, policy: FrozenPolicy, urgency: str) -> Page | None:
    """Return the storm's page that calls the same people no less urgently, locked: it can't end before this commits."""
    pages = Page.objects.filter(
        purpose=burst.rule.mark,
        state__in=OPEN_STATES,
        started_at__gte=burst.window_started_at,
        policy_name=policy.name[:100],
        urgency__in=[Urgency.HIGH, urgency],
    )
    return pages.order_by("-started_at").select_for_update(no_key=True).first()


def _page_before(alert: Alert) -> Page | None:
    """Return the open page of an alert that was routed before and has become worse since, locked."""
    if alert.page_id is None:
        return None
    return Page.objects.filter(pk=alert.page_id, state__in=OPEN_STATES).select_for_update(no_key=True).first()


def _is_louder(urgency: str, *, than: Page) -> bool:
    return urgency == Urgency.HIGH and than.urgency == Urgency.LOW
