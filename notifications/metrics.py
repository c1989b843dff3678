"""This floor's measures: each one indexed read of what is open, or of the last minutes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection
from django.db.models import Sum
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from notifications.models import IgnoredText, RefusedCallback

MINUTES: Final = 5
"""Attempts are counted over this window: the table grows for ever, the window does not."""

_ATTEMPTS: Final = """
SELECT d.channel, a.result, count(*) FROM notifications_attempt a
JOIN notifications_delivery d ON d.id = a.delivery_id
WHERE a.at > clock_timestamp() - make_interval(mins => %s) GROUP BY 1, 2 ORDER BY 1, 2
"""
_OPEN: Final = """
SELECT state, channel, count(*),
    coalesce(extract(epoch FROM clock_timestamp() - min(not_before) FILTER (WHERE not_before <= clock_timestamp())), 0)
FROM notifications_delivery WHERE state IN ('pending', 'sending') GROUP BY 1, 2 ORDER BY 1, 2
"""


def measures() -> Iterable[Metric]:
    """Return the families for the scrape."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        waiting = cursor.fetchall()
        cursor.execute(
            "SELECT state, count(*) FROM notifications_page WHERE state IN ('paging', 'acknowledged') GROUP BY 1"
        )
        pages = dict(cursor.fetchall())
        cursor.execute(_ATTEMPTS, [MINUTES])
        attempts = cursor.fetchall()
    oldest = GaugeMetricFamily(
        "muster_oldest_unsent_delivery_seconds", "For how long the oldest unsent delivery has been due."
    )
    oldest.add_metric([], max((float(age) for state, _, _, age in waiting if state == "pending"), default=0.0))
    queue = GaugeMetricFamily(
        "muster_deliveries_open", "Deliveries not handed to a provider.", labels=["state", "channel"]
    )
    for state, channel, count, _age in waiting:
        queue.add_metric([state, channel], count)
    open_pages = GaugeMetricFamily("muster_pages_open", "Pages that have not ended.", labels=["state"])
    for state in ("paging", "acknowledged"):
        open_pages.add_metric([state], pages.get(state, 0))
    recent = GaugeMetricFamily(
        "muster_attempts_recent",
        f"Exchanges with providers and their callbacks in the last {MINUTES} minutes.",
        labels=["channel", "result"],
    )
    for channel, result, count in attempts:
        recent.add_metric([channel, result], count)
    refused = CounterMetricFamily(
        "muster_refused_callbacks",
        "Requests with a wrong signature, by the provider they claimed.",
        labels=["provider"],
    )
    by_provider: dict[str, int] = {}
    for provider, count in RefusedCallback.objects.values_list("provider", "count"):
        by_provider[provider] = by_provider.get(provider, 0) + count
    for provider, count in sorted(by_provider.items()):
        refused.add_metric([provider], count)
    return [oldest, queue, open_pages, recent, refused, _ignored_texts()]


def _ignored_texts() -> Metric:
    ignored = CounterMetricFamily(
        "muster_ignored_texts",
        "Texts that nobody answers: from numbers that are nobody's or switched off.",
        labels=["reason"],
    )
    totals = dict(IgnoredText.objects.values_list("reason").annotate(total=Sum("count")))
    for reason in IgnoredText.Reason.values:
        ignored.add_metric([reason], totals.get(reason, 0))
    return ignored
