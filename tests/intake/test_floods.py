"""Requests that no known key vouches for: a place that sends many is told to wait, and its own tools are heard."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client

from intake.models import Event, IntegrationKey, Quarantined
from intake.operations.issue_key import issue_key
from intake.receivers import door, strangers
from ledger.actor import Actor
from tests.builders import NOW

HERE, THERE = "192.0.2.1", "192.0.2.2"
EVENT = {"event_action": "trigger", "payload": {"summary": "Disk full", "source": "db1", "severity": "critical"}}
ALERT: Final[dict[str, Any]] = {
    "status": "firing",
    "labels": {"alertname": "Disk full"},
    "annotations": {},
    "startsAt": "2026-11-22T03:00:00Z",
    "fingerprint": "abc",
}
ALERTS: Final[dict[str, Any]] = {"version": "4", "status": "firing", "alerts": [ALERT]}
TITLED: Final[dict[str, Any]] = {"title": "Disk full", "source": "db1", "severity": "critical"}
MANY = 5

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its window must not end in the middle of a test.
    monkeypatch.setattr(strangers, "WINDOW_S", 1e9)
    monkeypatch.setattr(door, "strangers", strangers.Strangers(most=3))


def send(path: str, content: Any, *, place: str = HERE) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Client(REMOTE_ADDR=place).generic("POST", path, body, content_type="application/json")


@pytest.mark.parametrize(
    ("kind", "path", "content", "refused"),
    [
        (IntegrationKey.Kind.EVENTS_V2, "/v2/enqueue", EVENT, 400),
        (IntegrationKey.Kind.ALERTMANAGER, "/integrations/alertmanager/{key}", ALERTS, 404),
        (IntegrationKey.Kind.GRAFANA, "/integrations/grafana/{key}", ALERTS, 404),
        (IntegrationKey.Kind.WEBHOOK, "/integrations/webhook/{key}", TITLED, 404),
    ],
)
def test_a_flood_of_unknown_keys_fills_nothing_and_silences_nobody(
    kind: IntegrationKey.Kind, path: str, content: dict[str, Any], refused: int
) -> None:
    with transaction.atomic():
        key = issue_key(name="A tool", kind=kind, service=None, by=Actor.system(), now=NOW)[1]

    def status(given: str, *, place: str = HERE) -> int:
        sent = content if "{key}" in path else {**content, "routing_key": given}
        return int(send(path.format(key=given), sent, place=place).status_code)

    unknown = [f"{number:032x}" for number in range(MANY)]
    assert [status(each) for each in unknown] == [refused] * 3 + [429] * 2
    assert Quarantined.objects.count() == 3
    assert status(key) == 202, "what a place reports by a known key is taken all the same"
    assert Event.objects.count() == 1
    assert status("f" * 32, place=THERE) == refused


def test_a_flood_of_nonsense_fills_nothing_and_stays_refused_for_good() -> None:
    answers = [send("/v2/enqueue", body) for body in (b"{", b"[]", EVENT, b"\xff", b"[" * 9999)]
    assert [answer.status_code for answer in answers] == [400] * MANY, "nobody is asked to send that again"
    assert Quarantined.objects.count() == 3


def test_who_sends_too_much_is_told_when_to_come_back() -> None:
    answers = [send("/v2/enqueue", EVENT | {"routing_key": "0" * 32}) for _ in range(MANY)]
    assert answers[-1]["Retry-After"]
    assert answers[-1].json()["status"] == "throttle exceeded"
