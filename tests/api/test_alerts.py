"""Alerts, events and the quarantine by the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from engine import clock
from incidents.models import Service
from intake.models import Alert, IntegrationKey, Quarantined
from intake.operations.issue_key import issue_key, revoke_key
from intake.operations.quarantine import quarantine
from ledger.actor import Actor
from tests.api.calling import Caller, calling_as
from tests.api.world import trigger
from tests.builders import make_person
from tests.incidents.builders import make_incident, make_service

pytestmark = pytest.mark.django_db
BY = Actor.system()


@pytest.fixture
def service() -> Service:
    return make_service("databases")


@pytest.fixture
def integration(service: Service) -> tuple[IntegrationKey, str]:
    with transaction.atomic():
        return issue_key(name="Events", kind=IntegrationKey.Kind.EVENTS_V2, service=service, by=BY, now=clock.now())


@pytest.fixture
def alma() -> Caller:
    return calling_as(make_person("Alma"))


def keep(body: bytes, *, path: str = "v2/enqueue", integration: IntegrationKey | None = None) -> Quarantined:
    integration_id = integration.pk if integration else None
    quarantine(path=path, body=body, reason="Refused", integration_id=integration_id, now=clock.now())
    return Quarantined.objects.latest("pk")


def event(routing_key: str) -> bytes:
    payload = {"summary": "Replication stopped", "source": "db-3", "severity": "critical"}
    given: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": "r",
        "payload": payload,
    }
    return json.dumps(given).encode()


def test_an_alert_has_the_agreed_shape(integration: tuple[IntegrationKey, str], alma: Caller) -> None:
    incident = make_incident(severity=4, now=clock.now())
    for _ in range(2):
        trigger(integration[0], "replication", now=clock.now())
    Alert.objects.update(incident=incident)
    (shown,) = alma.items("/alerts")
    assert {
        "id",
        "dedup_key",
        "summary",
        "source",
        "severity",
        "service",
        "state",
        "count",
        "incident_id",
        "first_seen",
        "last_seen",
    } <= shown.keys()
    assert (shown["dedup_key"], shown["summary"], shown["source"]) == ("replication", "Replication stopped", "db-3")
    assert (shown["severity"], shown["service"], shown["state"]) == ("critical", "databases", "open")
    assert (shown["count"], shown["incident_id"]) == (2, str(incident.pk))
    assert shown["integration"] == {"id": str(integration[0].pk), "name": "Events", "kind": "events_v2"}
    events = alma.items("/events")
    assert [each["alert_id"] for each in events] == [shown["id"]] * 2
    assert events[0]["raw"] == {"dedup_key": "replication"}
    assert integration[1] not in str(alma.get("/alerts")) + str(events)


def test_alerts_are_filtered(integration: tuple[IntegrationKey, str], service: Service, alma: Caller) -> None:
    incident = make_incident(severity=4, now=clock.now())
    for key in ("one", "two"):
        trigger(integration[0], key, now=clock.now())
    Alert.objects.filter(dedup_key="two").update(state="resolved", resolved_at=clock.now(), incident=incident)
    make_service("mail")

    def shown(query: str) -> list[str]:
        return [alert["dedup_key"] for alert in alma.items(f"/alerts?{query}")]

    assert shown("") == shown("service=databases") == shown(f"service={service.pk}") == ["two", "one"]
    assert shown("state=open") == shown("state=open&service=databases") == ["one"]
    assert shown("state=resolved") == shown(f"incident={incident.number}") == ["two"]
    assert shown("service=mail") == []
    assert list(alma.get("/alerts?state=nonsense", status=422)["errors"]) == ["state"]
    for query in ("service=nonsense", "incident=999999"):
        alma.get(f"/alerts?{query}", status=404)


def test_what_was_not_understood_is_shown_without_its_key(alma: Caller) -> None:
    keep(event("0123456789abcdef0123456789abcdef"))
    (shown,) = alma.items("/quarantine")
    assert shown.keys() >= {"id", "path", "reason", "body", "received_at", "replayed_at"}
    assert "Replication stopped" in shown["body"]
    assert '"routing_key": "…cdef"' in shown["body"]
    keep(b"\xff\x00")
    assert alma.items("/quarantine")[0]["body"] == "\ufffd\0"


def test_a_replay_takes_it_in_once(integration: tuple[IntegrationKey, str], alma: Caller) -> None:
    row = keep(event(integration[1]))
    shown = alma.post(f"/quarantine/{row.pk}/replay")
    assert shown["replayed_at"]
    assert Alert.objects.get().dedup_key == "r"
    assert "before" in alma.post(f"/quarantine/{row.pk}/replay", status=409)["detail"]
    (entry,) = alma.items("/ledger?subject=settings:quarantine")
    assert (entry["verb"], entry["actor"]["name"], entry["actor"]["via"]) == ("quarantine.replayed", "Alma", "api")


def test_a_replay_that_still_is_not_understood_changes_nothing(
    integration: tuple[IntegrationKey, str], alma: Caller
) -> None:
    with transaction.atomic():
        revoke_key(key_id=integration[0].pk, by=BY, now=clock.now())
    for body in (event(integration[1]), event("f" * 32), b"{", b"[]"):
        alma.post(f"/quarantine/{keep(body).pk}/replay", status=422)
    assert not Alert.objects.exists()
    assert not Quarantined.objects.exclude(replayed_at=None).exists()


def test_a_replay_may_say_by_which_integration_it_should_have_come(
    integration: tuple[IntegrationKey, str], alma: Caller
) -> None:
    row = keep(event("f" * 32))
    for unknown in ("nonsense", "999999"):
        refused = alma.post(f"/quarantine/{row.pk}/replay", {"integration": unknown}, status=422)
        assert list(refused["errors"]) == ["integration"]
    alma.post(f"/quarantine/{row.pk}/replay", {"integration": str(integration[0].pk)})
    assert Alert.objects.get().integration == integration[0]


@pytest.mark.parametrize("name", ["999999", "nonsense", "9" * 30, "-1"])
def test_an_unknown_request_is_answered_404(alma: Caller, name: str) -> None:
    alma.post(f"/quarantine/{name}/replay", status=404)
