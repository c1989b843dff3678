"""A condition that becomes worse, one that people believe to be over, storms: whoever has to be called is called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidents.models import Incident, Service
from intake.models import Alert
from intake.operations.store_events import Source
from notifications.models import Page
from tests.builders import NOW, make_person, make_policy
from tests.intake.test_route_alerts import end, fire, rule, send, service, source

__all__ = ["service", "source"]

pytestmark = pytest.mark.django_db
MILD: dict[str, Any] = {"severity": "warning"}
AT_LEAST_CRITICAL = [{"field": "severity", "is": "at_least", "value": "critical"}]


def pages() -> list[tuple[str, str]]:
    """Return urgency and state of each page, oldest first."""
    return list(Page.objects.order_by("started_at", "pk").values_list("urgency", "state"))


def test_an_open_alert_that_was_only_recorded_pages_once_it_is_critical(source: Source) -> None:
    rule("page", position=1, conditions=AT_LEAST_CRITICAL)
    rule("record", position=2)
    send(source, fire(**MILD))
    assert pages() == []
    send(source, fire(), at=NOW + timedelta(minutes=5))
    assert pages() == [("high", "paging")]
    send(source, fire(**MILD), at=NOW + timedelta(minutes=6))
    send(source, fire(), at=NOW + timedelta(minutes=7))
    assert pages() == [("high", "paging")], "one page wakes people; it comes not again each time"


def test_the_quiet_page_of_an_alert_becomes_a_loud_one(source: Source) -> None:
    rule("page")
    send(source, fire(**MILD))
    assert pages() == [("low", "paging")]
    send(source, fire(), at=NOW + timedelta(minutes=5))
    assert pages() == [("low", "cancelled"), ("high", "paging")]
    send(source, end(), at=NOW + timedelta(minutes=6))
    assert pages() == [("low", "cancelled"), ("high", "cancelled")]


def test_an_open_alert_that_became_worse_raises_its_incident(source: Source) -> None:
    rule("incident", position=1, conditions=AT_LEAST_CRITICAL, incident_severity=1)
    rule("incident", position=2, incident_severity=4)
    send(source, fire(**MILD))
    send(source, fire(), at=NOW + timedelta(minutes=5))
    incident = Incident.objects.get()
    assert (incident.severity, incident.alert_count) == (1, 1)


def test_a_condition_that_comes_back_worse_raises_the_open_incident_it_joins(source: Source) -> None:
    rule("incident", position=1, conditions=AT_LEAST_CRITICAL, incident_severity=1)
    rule("incident", position=2, incident_severity=3, on_all_resolved="suggest")
    send(source, fire(**MILD))
    send(source, end(), at=NOW + timedelta(minutes=1))
    send(source, fire(), at=NOW + timedelta(minutes=2))
    assert Incident.objects.get().severity == 1
    Incident.objects.update(severity=3)
    send(source, end(), at=NOW + timedelta(minutes=3))
    send(source, fire(), at=NOW + timedelta(minutes=4))
    assert Incident.objects.get().severity == 3, "lowered by people, and the same rule takes it again"


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_what_goes_on_after_people_ended_its_incident_opens_another(source: Source, status: str) -> None:
    rule("incident")
    send(source, fire())
    send(source, fire(), at=NOW + timedelta(minutes=1))
    assert Incident.objects.count() == 1
    Incident.objects.update(status=status, resolved_at=NOW)
    Alert.objects.update(state="acknowledged")
    send(source, fire(), at=NOW + timedelta(minutes=2))
    alert = Alert.objects.get()
    assert alert.incident is not None
    assert (Incident.objects.count(), alert.incident.status) == (2, "triage")
    assert (alert.state, alert.count) == ("open", 3)
    send(source, fire(), at=NOW + timedelta(minutes=3))
    assert Incident.objects.count() == 2, "it is open: the next one only counts up"
    send(source, end(), at=NOW + timedelta(minutes=4))
    assert Alert.objects.get().state == "resolved"


def test_a_false_alarm_that_is_repeated_stays_one_and_after_an_hour_of_silence_is_new(source: Source) -> None:
    rule("incident")
    send(source, fire())
    Incident.objects.update(status="declined")
    for minutes in (5, 60, 115):
        send(source, fire(), at=NOW + timedelta(minutes=minutes))
    assert Incident.objects.count() == 1
    send(source, fire(), at=NOW + timedelta(minutes=176))
    assert Incident.objects.count() == 2


@pytest.mark.parametrize(("state", "count"), [("acknowledged", 1), ("exhausted", 2), ("cancelled", 2)])
def test_what_goes_on_after_its_page_ended_pages_again(source: Source, state: str, count: int) -> None:
    rule("page")
    send(source, fire())
    Page.objects.update(
        state=state, next_step_at=None, cancel_reason="declined" if state == "cancelled" else "", ended_at=NOW
    )
    send(source, fire(), at=NOW + timedelta(minutes=5))
    assert Page.objects.count() == count


def test_a_storm_of_quiet_pages_does_not_swallow_a_loud_one(source: Source) -> None:
    rule("page", storm_alerts=1, storm_seconds=60)
    send(source, *(fire(f"disk {number}", **MILD) for number in range(3)))
    assert pages() == [("low", "paging")]
    send(source, fire("disk full"), at=NOW + timedelta(seconds=10))
    assert sorted(pages()) == [("high", "paging"), ("low", "paging")]


def test_a_storm_calls_the_people_of_each_service(source: Source) -> None:
    Service.objects.create(key="mail", name="Mail", policy=make_policy((300, [make_person("Mia")]), name="Mail"))
    rule("page", storm_alerts=1, storm_seconds=60)
    send(source, fire("one"), fire("two"), fire("three"))
    assert Page.objects.count() == 1
    Alert.objects.update(service=None)
    source = Source(source.integration_id, None)
    send(source, fire("four", fields={"service": "mail"}), at=NOW + timedelta(seconds=5))
    assert set(Page.objects.values_list("policy_name", flat=True)) == {"Databases", "Mail"}


def test_a_storm_does_not_hide_behind_a_page_of_yesterday(source: Source) -> None:
    rule("page", storm_alerts=1, storm_seconds=60)
    send(source, fire("old"), at=NOW - timedelta(days=1))
    Page.objects.update(state="acknowledged", next_step_at=None)
    send(source, fire("short"))
    send(source, end("short"), at=NOW + timedelta(seconds=5))
    send(source, fire("new"), at=NOW + timedelta(seconds=10))
    assert Page.objects.get(state="paging").title.endswith("new stopped")
