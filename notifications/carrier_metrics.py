"""How each provider does: attempts of the last minutes, and whether it is passed over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection
from prometheus_client.core import GaugeMetricFamily, Metric

from notifications.channels.registry import all_carriers
from notifications.models import Carrier

MINUTES: Final = 5

_ATTEMPTS: Final = """
SELECT d.channel, a.provider, a.result, count(*), avg(a.latency_ms)::float FROM notifications_attempt a
JOIN notifications_delivery d ON d.id = a.delivery_id
WHERE a.at > clock_timestamp() - make_interval(mins => %s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def measures() -> Iterable[Metric]:
    """Return the families for the scrape: two reads, one of the attempts' index, one of a handful of rows."""
    recent = GaugeMetricFamily(
        "muster_provider_attempts_recent",
        f"Exchanges with each provider and its callbacks in the last {MINUTES} minutes.",
        labels=["channel", "provider", "result"],
    )
    latency = GaugeMetricFamily(
        "muster_provider_latency_seconds",
        f"How long each provider took to answer, on average over the last {MINUTES} minutes.",
        labels=["channel", "provider", "result"],
    )
    with connection.cursor() as cursor:
        cursor.execute(_ATTEMPTS, [MINUTES])
        for channel, provider, result, count, latency_ms in cursor.fetchall():
            recent.add_metric([channel, provider, result], count)
            if latency_ms is not None:
                latency.add_metric([channel, provider, result], latency_ms / 1000)
    opened = set(Carrier.objects.filter(state=Carrier.State.OPEN).values_list("kind", "provider"))
    passed_over = GaugeMetricFamily(
        "muster_provider_passed_over",
        "1 while messages go to the next provider, because this one keeps failing.",
        labels=["channel", "provider"],
    )
    for each in all_carriers():
        passed_over.add_metric([each.kind, each.provider], float((each.kind, each.provider) in opened))
    return [recent, latency, passed_over]
