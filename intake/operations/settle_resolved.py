"""What follows when alerts resolve: an incident or page that a rule opened ends as the rule says."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction

from engine.duties import Tick
from incidents.models import Incident
from incidents.operations.resolve import resolve
from incidents.operations.suggest import suggest
from intake.models import Alert, RoutingRule
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.cancel_pages import cancel_pages

BATCH: Final = 200
log = structlog.get_logger(__name__)

_OPEN: Final = (Alert.State.OPEN, Alert.State.ACKNOWLEDGED)


def settle_resolved(tick: Tick) -> int:
    """Settle alerts that have resolved since; return how many. The engine's duty "settling".

    Unrouted ones wait until routing has seen them. Reads ids without a lock, then locks the incident before its
    alerts, as a merge does.
    """
    waiting = list(
        Alert.objects.filter(state=Alert.State.RESOLVED, settled_at=None, routed_at__isnull=False)
        .order_by("id")
        .values_list("id", "incident_id", "page_id")[:BATCH]
    )
    by_subject: dict[tuple[UUID | None, UUID | None], list[int]] = {}
    for alert_id, of_incident, of_page in waiting:
        by_subject.setdefault((of_incident, of_page), []).append(alert_id)
    for (incident_id, page_id), alert_ids in by_subject.items():
        if tick.out_of_time():
            break
        try:
            with transaction.atomic():
                if incident_id is not None:
                    _end_incident(incident_id, tick.now)
                elif page_id is not None:
                    _end_page(page_id, tick.now)
                Alert.objects.filter(pk__in=alert_ids).update(settled_at=tick.now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # People end it by hand; what waits behind it is settled.
            log.exception("resolved alerts not settled", incident=str(incident_id or ""), page=str(page_id or ""))
            Alert.objects.filter(pk__in=alert_ids).update(settled_at=tick.now)
    return len(waiting)


def _end_incident(incident_id: UUID, now: datetime) -> None:
    incident = Incident.objects.select_for_update(no_key=True).get(pk=incident_id)
    if not incident.is_open or not incident.opened_by_rule:
        return
    if Alert.objects.filter(incident=incident, state__in=_OPEN).exists():
        return
    rule = RoutingRule.objects.filter(pk=incident.opened_by_rule.removeprefix("rule:")).first()
    ending = rule.ending if rule else RoutingRule.Ending.SUGGEST
    if ending == RoutingRule.Ending.RESOLVE:
        assert rule is not None  # noqa: S101  (only a rule says resolve)
        resolve(incident_id=incident.pk, note="All its alerts are resolved.", by=rule.actor, now=now)
    else:
        suggest(
            incident_id=incident.pk,
            suggestion="All its alerts are resolved. Resolve the incident?",
            by=rule.actor if rule else Actor.system(via="engine"),
            now=now,
        )


def _end_page(page_id: UUID, now: datetime) -> None:
    # Its lock first: an alert that joins the page at this moment holds it until it is there to be seen.
    if not Page.objects.select_for_update(no_key=True).filter(pk=page_id).exists():
        return
    if Alert.objects.filter(page_id=page_id, state__in=_OPEN).exists():
        return
    cancel_pages(page_ids=[page_id], reason="resolved", by=Actor.system(via="engine"), now=now)
