"""Count a text that nobody answers."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from notifications.models import ContactMethod, IgnoredText


def count_ignored_text(*, number: str, now: datetime) -> None:
    """Add one to the day's count of texts from a number that is nobody's, or whose owner can't be reached there any
    more; the measures show it. In the caller's transaction."""
    known = ContactMethod.objects.filter(channel="sms", address=number).exists()
    reason = IgnoredText.Reason.SWITCHED_OFF if known else IgnoredText.Reason.UNKNOWN
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO notifications_ignoredtext AS ignored (reason, "on", count) VALUES (%s, %s, 1)'
            ' ON CONFLICT (reason, "on") DO UPDATE SET count = ignored.count + 1',
            [reason, now.date()],
        )
