"""What Prometheus hears of the status page."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from engine import clock
from statuspage.models import StatusUpdate
from statuspage.queries import green_while_burning


def status_measures() -> Iterable[Metric]:
    """Yield what should be zero most of the time: denied incidents, and words that wait for a second person."""
    yield GaugeMetricFamily(
        "muster_status_green_while_burning",
        "Components shown as operational while a SEV1 of their service is open.",
        value=len(green_while_burning(clock.now())),
    )
    yield GaugeMetricFamily(
        "muster_status_updates_waiting",
        "Drafted or approved updates that customers can't read yet.",
        value=StatusUpdate.objects.filter(state__in=["draft", "approved"]).count(),
    )
