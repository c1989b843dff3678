"""Events that are hard to store or to read back: none is lost, and none stops those behind it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DataError

from engine.duties import run_once
from intake.models import Alert, Event, IntegrationKey, Quarantined
from intake.operations import route_alerts
from intake.operations.issue_key import issue_key
from intake.operations.store_events import Source
from intake.rules.routing import faults
from ledger.actor import Actor
from notifications.models import Delivery, Page
from tests.builders import NOW
from tests.intake.test_receivers import ENQUEUE, alertmanager_key, post, routing_key, trigger
from tests.intake.test_route_alerts import fire, rule, send, service, source

__all__ = ["alertmanager_key", "routing_key", "service", "source"]

pytestmark = pytest.mark.django_db


def test_numbers_that_json_does_not_know_are_kept_as_words(routing_key: str) -> None:
    payload = {"summary": "Load", "source": "db-3", "severity": "critical", "custom_details": {"load": float("nan")}}
    assert post(ENQUEUE, trigger(routing_key, payload=payload)).status_code == 202
    assert Alert.objects.get().fields["custom_details"] == {"load": "nan"}
    body = f'{{"routing_key": "{routing_key}", "event_action": "resolve", "dedup_key": "replication", "x": 1e999}}'
    assert post(ENQUEUE, body).status_code == 202
    assert Event.objects.filter(action="resolve").get().raw["x"] == "inf"


@pytest.mark.parametrize(("levels", "status"), [(90, 202), (150, 400), (900, 400), (100_000, 400)])
def test_what_is_nested_too_deep_is_refused_by_every_receiver(
    routing_key: str, alertmanager_key: str, levels: int, status: int
) -> None:
    hole = "[" * levels + "]" * levels
    given = {"payload": {"summary": "Deep", "source": "x", "severity": "info", "custom_details": "HOLE"}}
    event = {"routing_key": routing_key, "event_action": "trigger", **given}
    alerts = {"alerts": [{"labels": {"alertname": "Deep"}, "values": {"deep": "HOLE"}}], "groupKey": "g"}
    webhook = issue_key(name="W", kind=IntegrationKey.Kind.WEBHOOK, service=None, by=Actor.system(), now=NOW)[1]
    bodies = {
        ENQUEUE: event,
        f"/integrations/alertmanager/{alertmanager_key}": alerts,
        f"/integrations/webhook/{webhook}": {"summary": "Deep", "more": "HOLE"},
    }
    for path, body in bodies.items():
        assert post(path, json.dumps(body).replace('"HOLE"', hole)).status_code == status
    assert Quarantined.objects.count() == (0 if status == 202 else 3)


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z"]
)
def test_a_time_that_can_not_be_read_back_is_left_out_and_the_alert_is_routed(
    routing_key: str, alertmanager_key: str, moment: str
) -> None:
    payload = {"summary": "Load", "source": "db-3", "severity": "critical", "timestamp": moment}
    assert post(ENQUEUE, trigger(routing_key, payload=payload)).status_code == 202
    alerts = [{"labels": {"alertname": "Disk"}, "startsAt": moment}]
    answer = post(f"/integrations/alertmanager/{alertmanager_key}", {"alerts": alerts, "groupKey": "g"})
    assert answer.status_code == 202
    rule("record")
    run_once("routing", now=NOW)
    assert [alert.started_at for alert in Alert.objects.exclude(routed_at=None)] == [None, None]


def test_an_alert_that_can_not_even_be_told_about_is_put_aside_and_the_others_are_paged(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule("page")
    send(source, fire("poison"), fire("fine"), route=False)
    poison = Alert.objects.get(dedup_key="poison")
    really_claim = route_alerts._claim

    def claim(*, only: int | None = None) -> Any:
        if only in (None, poison.pk) and Alert.objects.filter(pk=poison.pk, routed_at=None).exists():
            raise DataError("timestamp too small (before year 1)")
        return really_claim(only=only)

    monkeypatch.setattr(route_alerts, "_claim", claim)
    run_once("routing", now=NOW)
    assert Page.objects.get().title.endswith("fine stopped")
    assert "by hand" in Alert.objects.get(pk=poison.pk).trouble
    assert Delivery.objects.filter(kind="alarm").exists()


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(\w+\s?)*x", r"((ab?)*c)*", r"(?:a{1,30}){20,}b"])
def test_a_pattern_that_could_hold_the_engine_for_hours_is_refused(pattern: str) -> None:
    assert "hours" in faults({"field": "summary", "is": "matches", "value": pattern})[0]


@pytest.mark.parametrize(
    "pattern", [r"^db-\d+\.(eu|us)\.example$", r"disk.*full", r"(abc){2,5}", r"(?i)mail(er)?", r"[a-z]+"]
)
def test_the_patterns_that_people_write_are_taken(pattern: str) -> None:
    assert faults({"field": "summary", "is": "matches", "value": pattern}) == []
