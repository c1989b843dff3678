"""What Prometheus may know of the intake."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily, Metric

from intake.models import Heartbeat


def intake_measures() -> Iterable[Metric]:
    """Return how many heartbeats stand how; "late" and "failed" are the jobs that somebody must look at."""
    counted = dict(Heartbeat.objects.order_by().values_list("state").annotate(number=Count("pk")))
    family = GaugeMetricFamily("muster_heartbeats", "Jobs that must report, by how they stand.", labels=["state"])
    for state in Heartbeat.State.values:
        family.add_metric([state], counted.get(state, 0))
    return [family]
