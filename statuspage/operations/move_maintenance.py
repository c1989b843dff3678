"""Start, end and announce maintenance on time: what customers read, its components and the subscribers together."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError, transaction

from engine.duties import Tick
from notifications.operations.alarm_administrators import alarm_administrators
from statuspage.automatic_texts import maintenance_completed, maintenance_reminder, maintenance_started
from statuspage.models import PublicIncident
from statuspage.operations.locking import lock_public_incident
from statuspage.operations.speak import speak
from statuspage.rules.schedule import Due, Plan, due

OPEN: Final = ("scheduled", "in_progress", "verifying")

log = structlog.get_logger(__name__)


def move_maintenances(tick: Tick) -> int:
    """Do what published maintenance is due for, one per transaction; return how many moved. The duty "maintenances".

    One that fails stops no other, and the administrators hear of it. Any number of engines may run it: each looks again
    under the lock. A lost database is raised.
    """
    moved = 0
    found = PublicIncident.objects.filter(
        kind=PublicIncident.Kind.MAINTENANCE,
        status__in=OPEN,
        published_at__isnull=False,
        discarded_at=None,
        page__archived_at=None,
    )
    waiting = [public for public in found.order_by("scheduled_for") if due(_plan(public), tick.now)]
    for public in waiting:
        if tick.out_of_time():
            break
        try:
            with transaction.atomic():
                moved += move(public.pk, now=tick.now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("maintenance_not_moved", public_incident=public.pk)
            sentence = f"The maintenance “{public.name}” can't be moved on by itself. Publish an update of it by hand."
            alarm_administrators(cause=f"maintenance-stuck:{public.pk}", sentence=sentence, now=tick.now)
    return moved


def move(public_incident_id: str, *, now: datetime) -> int:
    """Do the one thing that a maintenance is due for; return 0 when somebody else has done it. Locks it."""
    public = lock_public_incident(public_incident_id)
    step = due(_plan(public), now)
    if step is None:
        return 0
    what, since = step
    if what is Due.START:
        speak(public, "in_progress", texts=maintenance_started(public.page), now=now, at=since)
    elif what is Due.END:
        speak(public, "completed", texts=maintenance_completed(public.page), now=now, at=since)
    else:
        assert public.scheduled_for is not None  # noqa: S101  (the database holds that a maintenance has times)
        public.reminded_at = now
        speak(public, "scheduled", texts=maintenance_reminder(public.page, begins=public.scheduled_for), now=now)
    return 1


def _plan(public: PublicIncident) -> Plan:
    assert public.published_at and public.scheduled_for and public.scheduled_until  # noqa: S101, PT018
    return Plan(
        status=public.status,
        published_at=public.published_at,
        scheduled_for=public.scheduled_for,
        scheduled_until=public.scheduled_until,
        auto_start=public.auto_start,
        auto_end=public.auto_end,
        remind_before_s=public.remind_before_s,
        reminded_at=public.reminded_at,
    )
