"""Harbor Hosting tests its own messages, once a week in working hours."""

from __future__ import annotations

from datetime import datetime, time

from demonstration.cast import TIME_ZONE
from ledger.actor import Actor
from notifications.operations.change_self_test import change_self_test
from people.models import Schedule

MONDAY = 0


def switch_weekly_test_on(*, now: datetime) -> None:
    """Let whoever is on call by the first schedule get a test on Mondays at ten."""
    change_self_test(
        person=None,
        schedule=Schedule.objects.order_by("pk")[0],
        weekday=MONDAY,
        at=time(10),
        time_zone=TIME_ZONE,
        by=Actor.system(name="Demonstration", via="cli"),
        now=now,
    )
