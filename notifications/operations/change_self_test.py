"""Switch the scheduled test of ourselves on, change it, or switch it off."""

from __future__ import annotations

from datetime import datetime, time

from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from notifications.models import SelfTest
from notifications.operations.carrier_health import SUBJECT
from notifications.rules.self_test import next_after
from people.models import Person, Schedule
from web import live
from web.errors import BadInput


def change_self_test(
    *,
    person: Person | None,
    schedule: Schedule | None,
    weekday: int | None,
    at: time,
    time_zone: str,
    by: Actor,
    now: datetime,
) -> SelfTest:
    """Let the test come every `weekday` (None: every day) at `at` in `time_zone`, for a person or who is on call.

    Raises `BadInput` unless exactly one of both is given. Locks its row, then the ledger's head.
    """
    if (person is None) == (schedule is None):
        sentence = _("Choose a person or a schedule, one of both.")
        raise BadInput(sentence, errors={"person": sentence})
    next_at = next_after(now, at=at, time_zone=time_zone, weekday=weekday)
    test, _made = SelfTest.objects.update_or_create(
        pk=1,
        defaults={
            "person": person,
            "schedule": schedule,
            "weekday": weekday,
            "at": at,
            "time_zone": time_zone,
            "next_at": next_at,
        },
    )
    payload: dict[str, JSON] = {
        "person": str(person.pk) if person else "",
        "schedule": schedule.pk if schedule else 0,
        "weekday": "" if weekday is None else str(weekday),
        "at": f"{at:%H:%M}",
        "time_zone": time_zone,
    }
    append(subject=SUBJECT, verb="self_test.set", by=by, now=now, payload=payload)
    live.changed("settings")
    return test


def switch_self_test_off(*, by: Actor, now: datetime) -> bool:
    """Let no test come any more; return whether one would have. Locks its row, then the ledger's head."""
    deleted, _rows = SelfTest.objects.filter(pk=1).delete()
    if deleted:
        append(subject=SUBJECT, verb="self_test.off", by=by, now=now)
        live.changed("settings")
    return bool(deleted)
