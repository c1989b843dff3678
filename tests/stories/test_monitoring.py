"""A monitoring tool speaks, people hear it; it takes its word back, and the phones fall silent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.db import transaction

from incidents.models import Incident
from intake.models import Alert, IntegrationKey, RoutingRule
from intake.operations.issue_key import issue_key
from ledger.actor import Actor
from notifications.models import Page
from people.models import Person
from tests.builders import make_person
from tests.incidents.builders import make_service
from tests.stories.night import Night

SUMMARY = "Replication of the customer database stopped"


@pytest.fixture
def routing_key(night: Night) -> str:
    """A key of the mail service, which pages Otto; what is an error opens an incident."""
    service = make_service("mail", make_person("Otto", methods=["voice"]))
    RoutingRule.objects.create(
        name="Errors",
        action="incident",
        incident_severity=3,
        conditions=[{"field": "severity", "is": "equals", "value": "error"}],
    )
    RoutingRule.objects.create(name="All else", action="record", position=2)
    with transaction.atomic():
        return issue_key(
            name="Nagios", kind=IntegrationKey.Kind.EVENTS_V2, service=service, by=Actor.system(), now=night.now()
        )[1]


def send(night: Night, routing_key: str, action: str, *, dedup_key: str = "replication", **payload: str) -> None:
    """Send an event as tools do."""
    event: dict[str, Any] = {"routing_key": routing_key, "event_action": action, "dedup_key": dedup_key}
    if action == "trigger":
        event["payload"] = {"summary": SUMMARY, "source": "db-3", "severity": "error", **payload}
    response = httpx.post(f"{night.url}/v2/enqueue", json=event, timeout=20, trust_env=False)
    assert response.status_code == 202, response.text
    night.look()


def test_a_condition_calls_somebody_and_its_end_hangs_up(night: Night, routing_key: str) -> None:
    send(night, routing_key, "trigger")
    otto = Page.objects.get().responders_called.get().person
    ringing = night.call_to(otto)
    send(night, routing_key, "trigger")
    send(night, routing_key, "acknowledge")
    assert Alert.objects.get().state == "acknowledged"
    night.stays_quiet()
    send(night, routing_key, "resolve")
    night.is_hung_up(ringing)
    incident = Incident.objects.get()
    assert (incident.status, incident.title) == ("resolved", SUMMARY)
    page = Page.objects.get()
    assert (page.state, page.cancel_reason) == ("cancelled", "resolved")


def test_somebody_answers_and_the_tools_word_ends_it_later(night: Night, routing_key: str) -> None:
    send(night, routing_key, "trigger")
    otto = Page.objects.get().responders_called.get().person
    assert SUMMARY in night.phones.pick_up(night.call_to(otto), "1")
    assert Page.objects.get().state == "acknowledged"
    night.pass_time(minutes=20)
    send(night, routing_key, "resolve")
    assert Incident.objects.get().status == "resolved"


def test_what_is_no_error_is_kept_and_wakes_nobody(night: Night, routing_key: str) -> None:
    send(night, routing_key, "trigger", severity="info")
    night.pass_time(minutes=1)
    night.stays_quiet()
    assert Alert.objects.get().summary == SUMMARY
    assert not Incident.objects.exists()


def test_it_may_come_and_go_as_often_as_it_likes_and_calls_each_time(night: Night, routing_key: str) -> None:
    otto = Person.objects.get(name="Otto")
    for time in range(1, 5):
        send(night, routing_key, "trigger")
        ringing = night.call_to(otto)
        send(night, routing_key, "resolve")
        night.is_hung_up(ringing)
        assert Incident.objects.filter(status="resolved").count() == time


def test_four_conditions_at_once_are_four_calls_and_each_has_its_own_answer(night: Night, routing_key: str) -> None:
    otto = Person.objects.get(name="Otto")
    for name in ("a", "b", "c", "d"):
        send(night, routing_key, "trigger", dedup_key=name)
    calls = [night.call_to(otto) for _ in range(4)]
    night.phones.pick_up(calls[0], "1")
    assert sorted(page.state for page in Page.objects.all()) == ["acknowledged", "paging", "paging", "paging"]
    night.stays_quiet()
