"""Alive, ready, measured: what load balancers, supervisors and Prometheus ask."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

import structlog
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, ProgrammingError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.core import GaugeMetricFamily, Metric
from redis.exceptions import RedisError

from engine import broker, queries
from web import metrics

log = structlog.get_logger(__name__)

BROKER_LIMIT_S: Final = 0.2
BROKER_KNOWN_FOR_S: Final = 1.0


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that this process is alive; asks nobody."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while pages can be taken and sent, naming what is degraded; 503 without database or migrations."""
    try:
        if not _schema.is_current():
            return JsonResponse({"status": "down", "degraded": ["migrations"], "duties": {}}, status=503)
        duties = queries.duties()
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        log.warning("not_ready", error=str(error).strip())
        return JsonResponse({"status": "down", "degraded": ["database"], "duties": {}}, status=503)
    degraded = [f"duty:{name}" for name, state in duties.items() if state.late]
    if not _broker.answers():
        degraded.insert(0, "broker")
    return JsonResponse(
        {
            "status": "degraded" if degraded else "ok",
            "degraded": degraded,
            "duties": {name: {"beat": state.beat, "lag_s": state.lag_s} for name, state in duties.items()},
        }
    )


@require_safe
@never_cache
def measures(_request: HttpRequest) -> HttpResponse:
    """Answer Prometheus."""
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


class _Schema:
    """Whether every migration of this release is applied. Once it is, it stays so as long as this process lives."""

    def __init__(self) -> None:
        self._current = False

    def is_current(self) -> bool:
        """Ask the database; raises Django's database errors when it does not answer."""
        connection = connections[DEFAULT_DB_ALIAS]
        if self._current:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return True
        executor = MigrationExecutor(connection)
        self._current = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return self._current


class _Broker:
    """Whether the broker answers, asked at most once a second and for at most 0.2 s, whoever wants to know."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: Any = None
        self._asked_at = -BROKER_KNOWN_FOR_S
        self._answered = False

    def answers(self) -> bool:
        """Return what is known, asking when that is older than a second."""
        with self._lock:
            if time.monotonic() - self._asked_at >= BROKER_KNOWN_FOR_S:
                self._answered = self._ask()
                self._asked_at = time.monotonic()
            return self._answered

    def _ask(self) -> bool:
        try:
            if self._client is None:
                self._client = broker.connect(socket_s=BROKER_LIMIT_S)
            return bool(self._client.ping())
        except (RedisError, OSError):
            return False


_schema: Final = _Schema()
_broker: Final = _Broker()


def engine_measures() -> list[Metric]:
    """Return what the ground measures: the duties' lag, the broker."""
    lag = GaugeMetricFamily("muster_duty_lag_seconds", "How long a duty is overdue.", labels=["duty"])
    late = GaugeMetricFamily("muster_duty_late", "1 when a duty is later than it may be.", labels=["duty"])
    for name, state in queries.duties().items():
        lag.add_metric([name], state.lag_s)
        late.add_metric([name], float(state.late))
    up = GaugeMetricFamily("muster_broker_up", "1 when the broker answers within 0.2 s.", value=_broker.answers())
    return [lag, late, up]
