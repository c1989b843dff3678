"""What monitoring tools get back, and what is stored, over the real URL routes."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from incidents.models import Service
from intake.models import Alert, Event, IntegrationKey, Quarantined
from intake.operations.issue_key import issue_key
from intake.receivers import events_v2
from ledger.actor import Actor
from tests.builders import NOW

pytestmark = pytest.mark.django_db
ENQUEUE = "/v2/enqueue"


def new_key(kind: IntegrationKey.Kind, service: Service | None) -> str:
    with transaction.atomic():
        return issue_key(name=kind.value, kind=kind, service=service, by=Actor.system(), now=NOW)[1]


@pytest.fixture
def service() -> Service:
    return Service.objects.create(key="databases", name="Databases")


@pytest.fixture
def routing_key(service: Service) -> str:
    return new_key(IntegrationKey.Kind.EVENTS_V2, service)


@pytest.fixture
def alertmanager_key() -> str:
    return issue_key(
        name="Prometheus", kind=IntegrationKey.Kind.ALERTMANAGER, service=None, by=Actor.system(), now=NOW
    )[1]


def post(path: str, body: Any) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return Client(enforce_csrf_checks=True).post(path, data, content_type="application/json")


def trigger(key: str, **more: Any) -> dict[str, Any]:
    payload = {"summary": "Replication stopped", "source": "db-3", "severity": "critical"}
    return {"routing_key": key, "event_action": "trigger", "dedup_key": "replication", "payload": payload} | more


def verb(key: str, action: str, dedup_key: str = "replication") -> dict[str, Any]:
    return {"routing_key": key, "event_action": action, "dedup_key": dedup_key}


def test_a_trigger_is_accepted_and_opens_an_alert(routing_key: str, service: Service) -> None:
    answer = post(ENQUEUE, trigger(routing_key))
    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "replication"}
    alert = Alert.objects.get()
    assert (alert.state, alert.count, alert.service, alert.summary) == ("open", 1, service, "Replication stopped")
    event = Event.objects.get()
    assert event.alert == alert
    assert event.raw["payload"]["source"] == "db-3"
    assert routing_key not in json.dumps(event.raw)


def test_a_trigger_without_a_key_gets_one_and_is_always_new(routing_key: str) -> None:
    keys = {post(ENQUEUE, trigger(routing_key, dedup_key=None)).json()["dedup_key"] for _ in range(2)}
    assert len(keys) == 2
    assert Alert.objects.count() == 2


def test_the_same_key_counts_up_and_refreshes_until_resolved(routing_key: str) -> None:
    post(ENQUEUE, trigger(routing_key))
    payload = {"summary": "Replication 900 s behind", "source": "db-3", "severity": "error"}
    post(ENQUEUE, trigger(routing_key, payload=payload))
    alert = Alert.objects.get()
    assert (alert.count, alert.summary, alert.severity) == (2, "Replication 900 s behind", "error")
    assert post(ENQUEUE, verb(routing_key, "acknowledge")).status_code == 202
    alert.refresh_from_db()
    assert alert.state == "acknowledged"
    post(ENQUEUE, trigger(routing_key))
    alert.refresh_from_db()
    assert (alert.state, alert.count) == ("acknowledged", 3)
    assert post(ENQUEUE, verb(routing_key, "resolve")).status_code == 202
    alert.refresh_from_db()
    assert alert.state == "resolved"
    post(ENQUEUE, trigger(routing_key))
    assert Alert.objects.filter(state="open").count() == 1
    assert Alert.objects.count() == 2
    assert Event.objects.count() == 6


def test_acknowledge_or_resolve_of_nothing_is_accepted_and_kept(routing_key: str, service: Service) -> None:
    other = new_key(IntegrationKey.Kind.EVENTS_V2, service)
    post(ENQUEUE, trigger(routing_key))
    for action in ("acknowledge", "resolve"):
        assert post(ENQUEUE, verb(other, action)).status_code == 202
        assert post(ENQUEUE, verb(routing_key, action, "unheard-of")).status_code == 202
    assert Alert.objects.get().state == "open"
    assert Event.objects.filter(alert=None).count() == 4


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"{not json", "Unrecognized object", "JSON parse error"),
        (b"\xff\xfe", "Unrecognized object", "JSON parse error"),
        (b"[" * 100_000, "Unrecognized object", "JSON parse error"),
        ({"routing_key": "x" * 32, "event_action": "nonsense"}, "invalid event", "event_action"),
        (trigger("f" * 32), "invalid event", "not known here"),
    ],
)
def test_nonsense_is_answered_400_and_quarantined(body: Any, status: str, word: str) -> None:
    answer = post(ENQUEUE, body)
    assert answer.status_code == 400
    assert answer.json()["status"] == status
    assert any(word in error for error in answer.json()["errors"])
    assert word in Quarantined.objects.get().reason
    assert not Alert.objects.exists()


def test_a_body_over_the_limit_is_refused_unread(routing_key: str) -> None:
    answer = post(ENQUEUE, trigger(routing_key, padding="x" * 600_000))
    assert answer.status_code == 413
    assert "512 KB" in Quarantined.objects.get().reason


def test_a_revoked_key_is_refused(routing_key: str) -> None:
    IntegrationKey.objects.update(revoked_at=NOW)
    assert post(ENQUEUE, trigger(routing_key)).status_code == 400


def test_nul_and_surrogates_are_stored_not_choked_on(routing_key: str) -> None:
    body = trigger(routing_key, dedup_key="a\x00b\ud800", client="\ud800\x00")
    assert post(ENQUEUE, body).status_code == 202
    assert Alert.objects.count() == 1


def test_get_is_not_allowed(routing_key: str) -> None:
    assert Client().get(ENQUEUE).status_code == 405


def test_a_change_is_kept_and_opens_nothing(routing_key: str) -> None:
    answer = post("/v2/change/enqueue", {"routing_key": routing_key, "payload": {"summary": "Deployed 4.2"}})
    assert answer.status_code == 202
    assert Event.objects.get().action == "change"
    assert not Alert.objects.exists()


def group(status: str, *alerts: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    listed = [
        {
            "status": state,
            "fingerprint": fingerprint,
            "startsAt": started,
            "labels": {"alertname": "Down", "severity": "critical"},
            "annotations": {"summary": f"{fingerprint} is down"},
        }
        for state, fingerprint, started in alerts
    ]
    return {"version": "4", "groupKey": "{}:{x}", "status": status, "receiver": "m", "alerts": listed} | more


EARLY, LATER = "2026-11-22T03:00:00Z", "2026-11-22T04:00:00Z"


def test_alertmanager_opens_repeats_and_resolves(alertmanager_key: str) -> None:
    path = f"/integrations/alertmanager/{alertmanager_key}"
    assert post(path, group("firing", ("firing", "a", EARLY), ("firing", "b", EARLY))).status_code == 202
    assert post(path, group("firing", ("firing", "a", EARLY), ("resolved", "b", EARLY))).status_code == 202
    assert dict(Alert.objects.values_list("dedup_key", "state")) == {"a": "open", "b": "resolved"}
    assert Alert.objects.get(dedup_key="a").count == 2


def test_alertmanager_truncated_resolve_ends_the_whole_group(alertmanager_key: str) -> None:
    path = f"/integrations/alertmanager/{alertmanager_key}"
    post(path, group("firing", *[("firing", name, EARLY) for name in "abc"]))
    post(path, group("resolved", ("resolved", "a", EARLY), truncatedAlerts=2))
    assert set(Alert.objects.values_list("state", flat=True)) == {"resolved"}


def test_alertmanager_late_resolve_of_an_earlier_occurrence_changes_nothing(alertmanager_key: str) -> None:
    path = f"/integrations/alertmanager/{alertmanager_key}"
    post(path, group("firing", ("firing", "a", LATER)))
    post(path, group("firing", ("resolved", "a", EARLY)))
    assert Alert.objects.get().state == "open"


def test_alertmanager_same_alert_twice_in_one_webhook(alertmanager_key: str) -> None:
    path = f"/integrations/alertmanager/{alertmanager_key}"
    assert post(path, group("firing", ("firing", "a", EARLY), ("firing", "a", EARLY))).status_code == 202
    assert Alert.objects.get().count == 2


def test_alertmanager_unknown_key_and_nonsense(alertmanager_key: str) -> None:
    assert post("/integrations/alertmanager/unknown", group("firing")).status_code == 404
    assert post(f"/integrations/alertmanager/{alertmanager_key}", {"alerts": "x"}).status_code == 400
    assert Quarantined.objects.count() == 2
    assert not Quarantined.objects.filter(path__contains=alertmanager_key).exists()


@pytest.mark.django_db(transaction=True)
def test_one_key_posted_at_once_by_many_is_one_alert(routing_key: str) -> None:
    statuses: list[int] = []

    def send() -> None:
        try:
            statuses.append(post(ENQUEUE, trigger(routing_key)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 8
    assert Alert.objects.get().count == 8


def test_without_the_database_the_answer_is_503(routing_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(**_: Any) -> bool:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(events_v2, "store_event_by_key", gone)
    answer = post(ENQUEUE, trigger(routing_key))
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_grafana_has_an_address_and_keys_of_its_own(alertmanager_key: str) -> None:
    key = new_key(IntegrationKey.Kind.GRAFANA, None)
    body = group("firing", ("firing", "a", EARLY), version="1", orgId=1, state="alerting", title="[FIRING:1]")
    body["alerts"][0] |= {"values": {"B": 22.5}, "dashboardURL": "https://grafana.example/d/1"}
    path = f"/integrations/grafana/{key}"
    assert Client().put(path, json.dumps(body), content_type="application/json").status_code == 202
    alert = Alert.objects.get()
    assert (alert.fields["values"], alert.links[0]["text"]) == ({"B": 22.5}, "Dashboard")
    assert post(f"/integrations/grafana/{alertmanager_key}", body).status_code == 404


CONTRACTS = Path(os.environ.get("CONTRACTS_DIR") or "../shared/contracts")


@pytest.mark.skipif(not CONTRACTS.is_dir(), reason=f"no provider payloads at {CONTRACTS} (CONTRACTS_DIR)")
@pytest.mark.parametrize(
    ("name", "kind", "state"),
    [
        ("webhook.firing", IntegrationKey.Kind.ALERTMANAGER, "open"),
        ("webhook.firing_truncated", IntegrationKey.Kind.ALERTMANAGER, "open"),
        ("grafana.webhook.firing", IntegrationKey.Kind.GRAFANA, "open"),
    ],
)
def test_recorded_webhooks_are_understood(name: str, kind: IntegrationKey.Kind, state: str) -> None:
    body = (CONTRACTS / "alertmanager" / f"{name}.json").read_bytes()
    assert post(f"/integrations/{kind.value}/{new_key(kind, None)}", body).status_code == 202
    assert set(Alert.objects.values_list("state", flat=True)) == {state}
