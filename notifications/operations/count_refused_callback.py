"""Count a request that claimed to come from a provider and did not."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def count_refused_callback(*, provider: str, now: datetime) -> None:
    """Add one to the day's count of requests with a wrong signature; the measures show it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO notifications_refusedcallback AS refused (provider, "on", count) VALUES (%s, %s, 1)'
            ' ON CONFLICT (provider, "on") DO UPDATE SET count = refused.count + 1',
            [provider, now.date()],
        )
