"""A tool that nobody wrote a receiver for says that something is down, people hear it, and up again, and it is over."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.db import transaction

from incidents.models import Incident
from incidents.operations.resolve import resolve
from intake.models import Alert, IntegrationKey, RoutingRule
from intake.operations.issue_key import issue_key
from ledger.actor import Actor
from notifications.models import Page
from people.models import Person
from tests.builders import make_person
from tests.incidents.builders import make_service
from tests.intake.bodies import uptime_kuma
from tests.stories.night import Night


@pytest.fixture
def address(night: Night) -> str:
    """Where Uptime Kuma posts: its monitors are about mail, which pages Otto; an error opens an incident."""
    service = make_service("mail", make_person("Otto", methods=["voice"]))
    RoutingRule.objects.create(
        name="Webmail",
        action="incident",
        incident_severity=3,
        conditions=[{"field": "custom_details.monitor.name", "is": "equals", "value": "Webmail"}],
    )
    with transaction.atomic():
        key = issue_key(
            name="Uptime Kuma", kind=IntegrationKey.Kind.WEBHOOK, service=service, by=Actor.system(), now=night.now()
        )[1]
    return f"{night.url}/integrations/webhook/{key}"


def post(night: Night, address: str, body: dict[str, Any]) -> None:
    """Post as the tool does."""
    answer = httpx.post(address, json=body, timeout=20, trust_env=False)
    assert answer.status_code == 202, answer.text
    night.look()


def test_a_monitor_that_is_down_calls_somebody_and_its_return_hangs_up(night: Night, address: str) -> None:
    post(night, address, uptime_kuma(2))
    night.stays_quiet()
    post(night, address, uptime_kuma(0))
    otto = Page.objects.get().responders_called.get().person
    ringing = night.call_to(otto)
    post(night, address, uptime_kuma(0))
    assert Alert.objects.get().count == 2
    post(night, address, uptime_kuma(1))
    night.is_hung_up(ringing)
    incident = Incident.objects.get()
    assert incident.status == "resolved"
    assert incident.title.startswith("[Webmail] [🔴 Down]")


def test_a_script_that_never_says_it_is_over_calls_again_once_people_closed_it(night: Night, address: str) -> None:
    body = {"message": "The nightly report failed", "host": "reports-1", "monitor": {"name": "Webmail"}}
    otto = Person.objects.get(name="Otto")
    for time in (1, 2):
        post(night, address, body)
        night.phones.pick_up(night.call_to(otto), "1")
        post(night, address, body)
        assert list(Alert.objects.order_by("pk").values_list("count", flat=True)) == [2] * time
        incident = Incident.objects.order_by("number").last()
        assert incident is not None
        with transaction.atomic():
            resolve(incident_id=incident.pk, note="Ran it by hand.", by=Actor.system(), now=night.now())
        night.pass_time(minutes=10)
        night.stays_quiet()
    assert list(Alert.objects.order_by("pk").values_list("state", flat=True)) == ["resolved", "open"]
