"""An alert that no rule sends anywhere still reaches a human: the administrators, once for many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from intake.models import Alert
from intake.rules.text import clean
from intake.rules.weight import page_severity, page_urgency
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.start_page import start_page
from notifications.rules.frozen_policy import FrozenPolicy, people_level
from people.models import Person

PURPOSE: Final = "unrouted"
ONE_PAGE_FOR: Final = timedelta(minutes=10)
"""Further unrouted alerts within this time join the open page: a wrong rule must not call a hundred times."""
LEVEL_S: Final = 300


def alarm_unrouted(*, alert: Alert, trouble: str, now: datetime) -> None:
    """Mark the alert (claimed by the caller) with its trouble and page the administrators about it."""
    alert.trouble = trouble[:300]
    urgency = page_urgency(alert.severity)
    running = (
        Page.objects.filter(
            purpose=PURPOSE,
            urgency__in=["high", urgency],
            state__in=[Page.State.PAGING, Page.State.ACKNOWLEDGED],
            started_at__gt=now - ONE_PAGE_FOR,
        )
        .order_by("-started_at")
        .select_for_update(no_key=True)  # it can't end before this alert is seen to hang on it
        .first()
    )
    if running is None:
        administrators = [(str(person.pk), person.name) for person in Person.objects.administrators()]
        running = start_page(
            title=clean(f"{trouble} Alert: {alert.summary}", 300),
            urgency=urgency,
            severity=page_severity(alert.severity),
            policy=FrozenPolicy(name="Administrators", levels=(people_level(administrators, delay_s=LEVEL_S),)),
            purpose=PURPOSE,
            by=Actor.system(via="engine"),
            now=now,
        )
    alert.page_id = running.pk
