"""Let go of what is older than the retention: deliveries that have ended with their attempts, receipts, codes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from notifications.models import InboundReceipt, VerificationCode

BATCH: Final = 1_000
RECEIPTS_FOR: Final = timedelta(days=2)
"""Providers retry a callback within minutes."""

# By the primary key, which grows with time: the oldest rows are read first and nothing younger is ever scanned.
_OLDEST: Final = """
DELETE FROM notifications_{table} WHERE id IN (
    SELECT id FROM (SELECT id, {time} AS at FROM notifications_{table} ORDER BY id LIMIT %(batch)s) oldest
    WHERE oldest.at < %(before)s
)
"""
_DELIVERIES: Final = """
WITH oldest AS (
    SELECT id, created_at, state FROM notifications_delivery ORDER BY id LIMIT %(batch)s
), gone AS (
    SELECT id FROM oldest WHERE created_at < %(before)s AND state NOT IN ('pending', 'sending')
), attempts AS (
    DELETE FROM notifications_attempt WHERE delivery_id IN (SELECT id FROM gone)
)
DELETE FROM notifications_delivery WHERE id IN (SELECT id FROM gone)
"""


def prune_deliveries(*, now: datetime) -> int:
    """Delete one batch of what is over its time; return how many rows, 0 when nothing is left.

    Deliveries stay for settings.DELIVERY_RETENTION_DAYS, receipts of callbacks two days, codes one.
    """
    deliveries: dict[str, Any] = {"batch": BATCH, "before": now - timedelta(days=settings.DELIVERY_RETENTION_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, deliveries)
        pruned: int = cursor.rowcount
        for table, time, before in (
            (InboundReceipt, "at", now - RECEIPTS_FOR),
            (VerificationCode, "created_at", now - timedelta(days=1)),
        ):
            name = table._meta.db_table.removeprefix("notifications_")
            cursor.execute(_OLDEST.format(table=name, time=time), {"batch": BATCH, "before": before})
            pruned += cursor.rowcount
    return pruned
