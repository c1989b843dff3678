"""Any JSON over the real URL routes: answers, alerts, quarantine and replay."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.test import Client

from incidents.models import Incident, Service
from intake.models import Alert, Event, IntegrationKey, Quarantined
from intake.operations.issue_key import issue_key
from intake.operations.map_webhook import map_webhook
from intake.operations.replay import replay
from intake.receivers import webhook
from intake.rules.mapping import WebhookMapping
from ledger.actor import Actor
from tests.builders import NOW
from tests.incidents.builders import make_incident
from tests.intake.bodies import uptimerobot
from web.errors import BadInput

pytestmark = pytest.mark.django_db

DISK = {"id": "disk", "summary": "Disk full", "host": "web-17", "severity": "critical"}


@pytest.fixture
def integration() -> IntegrationKey:
    service = Service.objects.create(key="databases", name="Databases")
    kind = IntegrationKey.Kind.WEBHOOK
    return issue_key(name="Our checks", kind=kind, service=service, by=Actor.system(), now=NOW)[0]


def send(key: IntegrationKey, body: Any, *, as_type: str = "application/json") -> Any:
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    path = f"/integrations/webhook/{key.key}"
    return Client(enforce_csrf_checks=True).post(path, raw, content_type=as_type)


def test_trouble_opens_one_alert_counts_up_and_ends(integration: IntegrationKey) -> None:
    answer = send(integration, DISK)
    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "1 events taken", "dedup_key": "disk"}
    send(integration, DISK)
    alert = Alert.objects.get()
    assert (alert.state, alert.count, alert.summary, alert.severity) == ("open", 2, "Disk full", "critical")
    assert (alert.service, alert.source) == (integration.service, "web-17")
    assert Event.objects.filter(alert=alert)[0].raw == DISK
    assert send(integration, {**DISK, "status": "acknowledged"}).status_code == 202
    assert Alert.objects.get().state == "acknowledged"
    assert send(integration, {"id": "disk", "status": "ok"}).status_code == 202
    assert Alert.objects.get().state == "resolved"
    assert not Quarantined.objects.exists()


@pytest.mark.parametrize(
    ("raw", "as_type"),
    [
        (json.dumps(DISK), "text/plain"),
        (json.dumps(DISK), "application/x-www-form-urlencoded"),
        (urlencode({"payload": json.dumps(DISK)}), "application/x-www-form-urlencoded"),
        (json.dumps(DISK), ""),
    ],
)
def test_the_type_that_is_named_is_not_asked(integration: IntegrationKey, raw: str, as_type: str) -> None:
    assert send(integration, raw, as_type=as_type).status_code == 202
    assert Alert.objects.get().dedup_key == "disk"


def test_forms_of_a_browser_and_of_uptimerobot(integration: IntegrationKey) -> None:
    client, path = Client(enforce_csrf_checks=True), f"/integrations/webhook/{integration.key}"
    assert client.post(path, {"data": json.dumps(DISK)}).status_code == 202
    raw = urlencode(uptimerobot("1"))
    assert send(integration, raw, as_type="application/x-www-form-urlencoded").status_code == 202
    assert set(Alert.objects.values_list("dedup_key", flat=True)) == {"disk", "778899"}
    assert client.put(path, json.dumps(DISK), content_type="application/json").status_code == 202


@pytest.mark.parametrize(
    ("body", "word"),
    [(b"{not json", "JSON parse error"), (b"", "JSON parse error"), ([], "empty"), ({"colour": "red"}, "mapping")],
)
def test_what_is_not_understood_is_400_and_kept(integration: IntegrationKey, body: Any, word: str) -> None:
    answer = send(integration, body)
    assert answer.status_code == 400
    assert word in answer.json()["message"]
    kept = Quarantined.objects.get()
    assert word in kept.reason
    assert (kept.integration, kept.path) == (integration, "integrations/webhook/<str:key>")
    assert not Alert.objects.exists()


def test_a_body_over_the_limit_is_refused_unread(integration: IntegrationKey) -> None:
    assert send(integration, {**DISK, "padding": "x" * 600_000}).status_code == 413
    assert "512 KB" in Quarantined.objects.get().reason


def test_keys_that_are_unknown_revoked_or_of_another_kind(integration: IntegrationKey) -> None:
    other = issue_key(name="G", kind=IntegrationKey.Kind.GRAFANA, service=None, by=Actor.system(), now=NOW)[0]
    assert send(other, DISK).status_code == 404
    IntegrationKey.objects.update(revoked_at=NOW)
    assert send(integration, DISK).status_code == 404
    assert Client().post("/integrations/webhook/unheard-of", DISK).status_code == 404
    assert Quarantined.objects.filter(integration=None).count() == 3
    assert not Quarantined.objects.filter(path__contains=integration.key).exists()
    assert not Alert.objects.exists()


def test_reading_is_not_posting(integration: IntegrationKey) -> None:
    assert Client().get(f"/integrations/webhook/{integration.key}").status_code == 405


def test_without_the_database_the_answer_is_503(integration: IntegrationKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(**_: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(webhook, "store_or_begin_anew", gone)
    answer = send(integration, DISK)
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_nul_surrogates_and_numbers_that_are_none(integration: IntegrationKey) -> None:
    raw = '{"id": "a\\u0000b\\ud800", "summary": "x\\u0000\\ud800", "value": NaN}'
    assert send(integration, raw).status_code == 202
    assert Alert.objects.count() == 1


def test_what_is_kept_only_opens_nothing(integration: IntegrationKey) -> None:
    assert send(integration, uptimerobot("3")).status_code == 202
    assert Event.objects.get().action == "change"
    assert not Alert.objects.exists()


def test_of_a_list_what_is_understood_is_taken_and_the_rest_can_be_replayed(integration: IntegrationKey) -> None:
    strange = {"colour": "red", "where": "web-18"}
    answer = send(integration, {"alerts": [DISK, strange]})
    assert answer.status_code == 202
    assert answer.json()["errors"]
    assert Alert.objects.get().dedup_key == "disk"
    kept = Quarantined.objects.get()
    assert json.loads(bytes(kept.body)) == {"alerts": [strange]}
    given: dict[str, Any] = {"by": Actor.system(), "now": NOW}
    with pytest.raises(BadInput, match="still"):
        replay(quarantined_id=kept.pk, **given)
    map_webhook(key_id=integration.pk, mapping=WebhookMapping(summary="Colour is {colour}", source="where"), **given)
    replay(quarantined_id=kept.pk, **given)
    assert Alert.objects.get(source="web-18").summary == "Colour is red"
    assert Alert.objects.count() == 2


def test_what_came_by_an_unknown_form_is_replayed_by_another_key(integration: IntegrationKey) -> None:
    send(integration, urlencode({"colour": "red"}), as_type="application/x-www-form-urlencoded")
    other = issue_key(name="B", kind=IntegrationKey.Kind.WEBHOOK, service=None, by=Actor.system(), now=NOW)[0]
    map_webhook(key_id=other.pk, mapping=WebhookMapping(summary="colour"), by=Actor.system(), now=NOW)
    kept = Quarantined.objects.get()
    replay(quarantined_id=kept.pk, integration_id=other.pk, by=Actor.system(), now=NOW)
    assert Alert.objects.get().integration == other


def test_the_mapping_of_a_key_is_its_own(integration: IntegrationKey) -> None:
    mapping = WebhookMapping(summary="{what} at {where}", dedup_key="{where}", resolved_words=("gone",), state="how")
    map_webhook(key_id=integration.pk, mapping=mapping, by=Actor.system(), now=NOW)
    send(integration, {"what": "Smoke", "where": "hall 2", "how": "seen"})
    assert Alert.objects.get().summary == "Smoke at hall 2"
    send(integration, {"what": "Smoke", "where": "hall 2", "how": "Gone"})
    assert Alert.objects.get().state == "resolved"


UNKEYED = {"message": "Report failed", "host": "reports-1"}


@pytest.mark.parametrize(
    ("more", "closed", "alerts"),
    [
        ({}, True, ["resolved", "open"]),
        ({}, False, ["open"]),
        ({"id": 7}, True, ["open"]),
    ],
)
def test_what_people_closed_begins_anew_where_no_alert_is_named(
    integration: IntegrationKey, more: dict[str, Any], closed: bool, alerts: list[str]
) -> None:
    send(integration, UNKEYED | more)
    incident = make_incident()
    Alert.objects.update(routed_at=NOW, incident=incident)
    if closed:
        Incident.objects.filter(pk=incident.pk).update(status="resolved", resolved_at=NOW)
    send(integration, UNKEYED | more)
    send(integration, UNKEYED | more)
    assert list(Alert.objects.order_by("pk").values_list("state", flat=True)) == alerts
    assert Alert.objects.order_by("pk").last().count == (2 if len(alerts) == 2 else 3)  # type: ignore[union-attr]
    assert Event.objects.filter(action="resolve").count() == len(alerts) - 1


def test_what_was_only_recorded_counts_up(integration: IntegrationKey) -> None:
    send(integration, UNKEYED)
    Alert.objects.update(routed_at=NOW)
    send(integration, UNKEYED)
    assert Alert.objects.get().count == 2
