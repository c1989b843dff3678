"""The one clock: the database's. Hosts drift apart; rows that several of them read must not."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """Return the database's time of day in UTC, also inside a transaction (whose own `now()` stands still)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    return moment  # type: ignore[no-any-return]
