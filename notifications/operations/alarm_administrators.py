"""Alarm the administrators: Muster itself is in trouble."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from notifications.models import Alarm, ContactMethod, Delivery
from notifications.operations.outbox import post
from people.models import Person

QUIET: Final = timedelta(minutes=10)
"""One cause rings at most once in this time."""
SEVERITY: Final = 1
USEFUL_FOR: Final = timedelta(hours=4)

log = structlog.get_logger(__name__)

# The row decides between processes that find the same trouble at the same moment: one of them gets it back.
_RING: Final = """
INSERT INTO notifications_alarm (cause, rung_at, sentence) VALUES (%(cause)s, %(now)s, %(sentence)s)
ON CONFLICT (cause) DO UPDATE SET rung_at = excluded.rung_at, sentence = excluded.sentence
WHERE notifications_alarm.rung_at <= %(before)s
RETURNING cause
"""


def alarm_administrators(*, cause: str, sentence: str, now: datetime) -> int:
    """Send `sentence` to every administrator by every contact method they have; return how many messages that is.

    The same `cause` (at most 100 characters) rings at most once in 10 minutes, over all processes. A transaction of
    its own, or the caller's.
    """
    before = now - QUIET
    if Alarm.objects.filter(cause=cause, rung_at__gt=before).exists():
        return 0  # without a lock: a thousand failing messages must not queue up here
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_RING, {"cause": cause, "now": now, "sentence": sentence[:300], "before": before})
            if cursor.fetchone() is None:
                return 0
        log.error("administrators_alarmed", cause=cause, sentence=sentence)
        return len(post(_messages(cause=cause, sentence=sentence, now=now)))


def _messages(*, cause: str, sentence: str, now: datetime) -> list[Delivery]:
    methods = ContactMethod.objects.filter(
        person__in=Person.objects.administrators(), disabled_at=None, opted_out_at=None
    ).order_by("person_id", "created_at")
    content = {"cause": cause, "headline": _("Muster needs an administrator"), "sentence": sentence}
    return [
        Delivery(
            person_id=method.person_id,
            contact_method=method,
            kind=Delivery.Kind.ALARM,
            channel=method.channel,
            address=method.address,
            content=content,
            severity=SEVERITY,
            not_before=now,
            created_at=now,
            expires_at=now + USEFUL_FOR,
        )
        for method in methods
    ]
