"""Alerts that people believe to be over while their tool never said so: what triggers them again begins anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from incidents.models import Incident
from intake.models import Alert, Event
from intake.operations.store_events import Source, store_events
from intake.rules.parsed import ParsedEvent
from notifications.models import Page
from notifications.queries import OPEN_STATES

WHY = "Its incident or page has ended; the trouble has not."


def thought_over(*, integration_id: int, dedup_keys: Collection[str]) -> list[int]:
    """Return the ids of open alerts of these keys that were routed, and of which what followed has ended.

    A counter that goes up on them would wake nobody. One of which nothing followed (only recorded) is not among them.
    """
    ringing = Page.objects.filter(pk=OuterRef("page_id"), state__in=OPEN_STATES)
    ended = Q(incident__isnull=False) & ~Q(incident__status__in=Incident.OPEN)
    hung_up = Q(incident__isnull=True, page_id__isnull=False) & ~Exists(ringing)
    alerts = Alert.objects.filter(
        integration=integration_id,
        dedup_key__in=dedup_keys,
        state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED],
        routed_at__isnull=False,
    )
    return list(alerts.filter(ended | hung_up).order_by("pk").values_list("pk", flat=True))


def store_or_begin_anew(
    *, source: Source, events: Sequence[ParsedEvent], unkeyed: Collection[str], now: datetime
) -> None:
    """Keep the events as `store_events` does. `unkeyed`: keys that were made of what events say, whose tool names no
    alert and so may never say that one is over; what is thought over of them is resolved first.

    One more query where there are such keys, and nothing more where there are none. Two requests at once: the second
    finds the first one's new alert, and counts it up.
    """
    if not unkeyed:
        store_events(source=source, events=events, now=now)
        return
    with transaction.atomic():
        over = thought_over(integration_id=source.integration_id, dedup_keys=unkeyed)
        rows = Alert.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=over).order_by("pk")
        still = [row for row in rows if row.state != Alert.State.RESOLVED]
        ended = {"state": Alert.State.RESOLVED, "resolved_at": now, "settled_at": now}
        Alert.objects.filter(pk__in=[row.pk for row in still]).update(**ended)
        Event.objects.bulk_create(
            Event(
                integration_id=source.integration_id,
                alert=row,
                action=Event.Action.RESOLVE,
                dedup_key=row.dedup_key,
                raw={"why": WHY},
                received_at=now,
            )
            for row in still
        )
        store_events(source=source, events=events, now=now)
