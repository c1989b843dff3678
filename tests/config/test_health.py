"""Alive, ready, measured."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from config import health
from engine import duties, queries
from web import metrics


@pytest.fixture(autouse=True)
def _nothing_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_broker", health._Broker())
    monkeypatch.setattr(health, "_schema", health._Schema())


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_alive_asks_nobody(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_an_engine_that_never_looked_is_degraded_and_not_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties, "_registered", {})
    duties.register(duties.Duty(name="never-ran", run=lambda _tick: 0))
    status, said = ready(client)
    assert (status, said["status"]) == (200, "degraded")
    assert said["degraded"] == ["duty:never-ran"]
    assert said["duties"] == {"never-ran": {"beat": None, "lag_s": 0.0}}


@pytest.mark.django_db
def test_all_well_is_ok(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    beat = datetime(2026, 11, 22, 3, tzinfo=UTC)
    monkeypatch.setattr(queries, "duties", lambda: {"page": queries.DutyState(beat=beat, lag_s=0.2, late=False)})
    assert ready(client) == (
        200,
        {"status": "ok", "degraded": [], "duties": {"page": {"beat": "2026-11-22T03:00:00Z", "lag_s": 0.2}}},
    )


@pytest.mark.django_db
def test_a_missing_migration_is_down(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="web").delete()
    status, said = ready(client)
    assert (status, said["status"], said["degraded"]) == (503, "down", ["migrations"])


def test_without_the_database_it_is_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health._schema, "is_current", away)
    status, said = ready(client)
    assert (status, said["status"], said["degraded"]) == (503, "down", ["database"])


@pytest.fixture
def frozen_broker() -> Iterator[None]:
    """Stop the suite's Valkey from answering, without closing its sockets."""
    import redis

    client = redis.Redis.from_url(settings.REDIS_URL)
    pid = int(client.info("server")["process_id"])
    client.close()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.django_db
def test_a_frozen_broker_is_degraded_and_costs_no_time(client: Client, frozen_broker: None) -> None:
    client.get("/healthz")  # the first request loads the addresses
    begin = time.monotonic()
    status, said = ready(client)
    first_s = time.monotonic() - begin
    begin = time.monotonic()
    health._broker.answers()
    again_s = time.monotonic() - begin
    assert status == 200
    assert "broker" in said["degraded"]
    assert first_s < 1.5
    assert again_s < 0.01, "within a second nobody asks again"


@pytest.mark.django_db
def test_measures_come_from_every_app_and_one_that_fails_hides_no_other(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_measures", dict(metrics._measures))
    metrics.register("pages", lambda: [GaugeMetricFamily("muster_pages_open", "Open pages.", value=3)])

    def broken() -> list[GaugeMetricFamily]:
        raise OperationalError("away")

    metrics.register("broken", broken)
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = {
        (sample.name, sample.labels.get("name", "")): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
    assert samples["muster_pages_open", ""] == 3
    assert samples["muster_measures_failed", "broken"] == 1
    assert samples["muster_measures_failed", "pages"] == 0
    assert ("muster_broker_up", "") in samples


@pytest.mark.django_db(transaction=True)
def test_a_query_that_takes_too_long_is_answered_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_tick_or_nothing: Any = None) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '50ms'")
            try:
                cursor.execute("SELECT pg_sleep(2)")
            finally:
                connection.close()
        return {}

    monkeypatch.setattr(queries, "duties", slow)
    assert client.get("/readyz").status_code == 503
