"""Measures for Prometheus, computed at the scrape from what the database says, so that any number of processes agree.

An app registers in `AppConfig.ready`:

    metrics.register("pages", page_measures)

where `page_measures()` returns or yields families such as
`GaugeMetricFamily("muster_pages_open", "Pages that nobody acknowledged yet.", value=3)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import structlog
from django.db import Error as DatabaseError
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

Measures = Callable[[], Iterable[Metric]]

_measures: Final[dict[str, Measures]] = {}
log = structlog.get_logger(__name__)


def register(name: str, measures: Measures) -> None:
    """Add the families that `measures` returns under `name`, in place of earlier ones of that name."""
    _measures[name] = measures


class _AtScrape:
    """Prometheus' collector: asks every registered callable, and says which could not answer."""

    def collect(self) -> Iterable[Metric]:
        failed = GaugeMetricFamily("muster_measures_failed", "1 where measures could not be taken.", labels=["name"])
        for name, measures in _measures.items():
            try:
                families = list(measures())
            except DatabaseError:
                log.exception("measures_failed", name=name)
                failed.add_metric([name], 1)
            else:
                failed.add_metric([name], 0)
                yield from families
        yield failed


def exposition() -> bytes:
    """Return all measures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_AtScrape())
    return generate_latest(registry)
