"""Routing and settling on the real database: incidents, pages, storms, ends, and alerts that no rule takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from engine.duties import run_once
from incidents.models import Incident, Service
from incidents.operations.declare import Declaration, declare_all
from intake.models import Alert, IntegrationKey, RoutingRule
from intake.operations import open_for_alerts
from intake.operations.issue_key import issue_key
from intake.operations.store_events import Source, store_events
from intake.rules.parsed import ParsedEvent
from ledger.actor import Actor
from notifications.models import Page
from tests.builders import NOW, make_person, make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    otto = make_person("Otto")
    make_person("Alma")
    return Service.objects.create(
        key="databases", name="Databases", policy=make_policy((300, [otto]), name="Databases")
    )


@pytest.fixture
def source(service: Service) -> Source:
    with transaction.atomic():
        key, _ = issue_key(
            name="Nagios", kind=IntegrationKey.Kind.EVENTS_V2, service=service, by=Actor.system(), now=NOW
        )
    return Source(key.pk, service.pk)


def rule(action: str, **more: Any) -> RoutingRule:
    return RoutingRule.objects.create(name=more.pop("name", action), action=action, **more)


def send(source: Source, *events: ParsedEvent, at: datetime = NOW, route: bool = True) -> None:
    store_events(source=source, events=events, now=at)
    if route:
        run_once("routing", now=at)
        run_once("settling", now=at)


def fire(name: str = "replication", **more: Any) -> ParsedEvent:
    given = {"summary": f"{name} stopped", "source": "db-3", "severity": "critical"} | more
    return ParsedEvent(action="trigger", dedup_key=name, raw={}, **given)


def end(name: str = "replication") -> ParsedEvent:
    return ParsedEvent(action="resolve", dedup_key=name, raw={})


def test_record_only_pages_nobody(source: Source) -> None:
    rule("record")
    send(source, fire())
    assert Alert.objects.get().routed_at == NOW
    assert not Page.objects.exists()
    assert not Incident.objects.exists()


def test_the_first_matching_rule_decides(source: Source) -> None:
    rule("record", position=1, conditions=[{"field": "severity", "is": "one_of", "value": ["info", "warning"]}])
    rule("incident", position=2, conditions=[{"field": "service", "value": "databases"}], incident_severity=3)
    rule("record", position=3)
    send(source, fire(), fire("noise", severity="info"))
    incident = Incident.objects.get()
    assert (incident.title, incident.severity, incident.alert_count) == ("replication stopped", 3, 1)
    assert Alert.objects.get(dedup_key="replication").incident == incident
    assert Alert.objects.get(dedup_key="noise").incident is None


def test_a_page_rule_pages_the_services_policy_and_ends_with_the_alert(source: Source) -> None:
    rule("page")
    send(source, fire())
    page = Page.objects.get()
    assert (page.policy_name, page.urgency, page.title) == ("Databases", "high", "Databases: replication stopped")
    send(source, end())
    page.refresh_from_db()
    assert (page.state, page.cancel_reason) == ("cancelled", "resolved")


@pytest.mark.parametrize(
    ("severity", "ending", "status"),
    [(3, "", "resolved"), (2, "", "triage"), (2, "resolve", "resolved"), (3, "suggest", "triage")],
)
def test_all_resolved_ends_the_incident_as_its_rule_says(
    source: Source, severity: int, ending: str, status: str
) -> None:
    rule("incident", incident_severity=severity, on_all_resolved=ending)
    send(source, fire())
    send(source, end())
    incident = Incident.objects.get()
    assert incident.status == status
    assert bool(incident.suggestion) == (status == "triage")
    open_pages = Page.objects.filter(subject=incident.subject, state="paging").count()
    assert bool(open_pages) == (status == "triage")
    assert Alert.objects.get().settled_at == NOW


def test_an_incident_ends_only_with_its_last_alert(source: Source) -> None:
    rule("incident", incident_severity=3)
    send(source, fire("a", group_key="g"), fire("b", group_key="g"))
    incident = Incident.objects.get()
    assert incident.alert_count == 2
    send(source, end("a"))
    incident.refresh_from_db()
    assert incident.is_open
    send(source, end("b"))
    incident.refresh_from_db()
    assert incident.status == "resolved"


def test_a_condition_that_comes_back_joins_its_open_incident(source: Source) -> None:
    rule("incident", incident_severity=2)
    send(source, fire())
    send(source, end())
    send(source, fire())
    incident = Incident.objects.get()
    assert (incident.alert_count, incident.suggestion) == (2, "")


def test_a_flap_that_was_over_before_routing_still_opens_an_incident(source: Source) -> None:
    rule("incident", incident_severity=1)
    send(source, fire(), route=False)
    send(source, end())
    assert Incident.objects.get().suggestion


def test_a_storm_is_one_incident_with_a_count_and_one_page(source: Source) -> None:
    rule("incident", incident_severity=3, storm_alerts=5, storm_seconds=60)
    for number in range(40):
        send(source, fire(f"host-{number}"), at=NOW + timedelta(seconds=number))
    storm = Incident.objects.get(status="triage")
    assert storm.alert_count == 40
    assert storm.title.startswith("Storm")
    assert Alert.objects.filter(incident=storm).count() == 40
    assert Incident.objects.filter(status="merged").count() == 4
    assert Page.objects.filter(state="paging").count() == 1
    assert Page.objects.filter(state="cancelled", cancel_reason="merged").count() == 4


def test_at_the_limit_it_is_no_storm_yet(source: Source) -> None:
    rule("incident", incident_severity=3, storm_alerts=5)
    send(source, *[fire(f"host-{number}") for number in range(5)])
    assert Incident.objects.filter(status="triage").count() == 5


def test_after_a_quiet_time_a_new_alert_is_its_own_incident_again(source: Source) -> None:
    rule("incident", incident_severity=3, storm_alerts=2, storm_seconds=60)
    send(source, *[fire(f"host-{number}") for number in range(4)])
    send(source, fire("later"), at=NOW + timedelta(seconds=61))
    assert Incident.objects.filter(status="triage").count() == 2


def test_a_storm_that_comes_at_once_is_declared_once(source: Source) -> None:
    rule("incident", incident_severity=3, storm_alerts=5)
    send(source, *[fire(f"host-{number}") for number in range(250)])
    storm = Incident.objects.get()
    assert (storm.alert_count, storm.status) == (250, "triage")
    assert Page.objects.count() == 1


def test_a_batch_costs_about_as_many_statements_as_one_alert(
    source: Source, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rule("incident", incident_severity=3, storm_alerts=0)
    send(source, *[fire(f"host-{number}") for number in range(80)], route=False)
    with django_assert_max_num_queries(40):
        assert run_once("routing", now=NOW) == 80
    assert Incident.objects.count() == 80


def test_a_storm_of_a_page_rule_is_one_page_more(source: Source) -> None:
    rule("page", storm_alerts=3)
    send(source, *[fire(f"host-{number}") for number in range(20)])
    assert Page.objects.count() == 3
    assert not Alert.objects.filter(page_id=None).exists()


def test_an_alert_that_no_rule_takes_pages_the_administrators_once(source: Source) -> None:
    send(source, fire("a"), fire("b"))
    page = Page.objects.get()
    assert page.purpose == "unrouted"
    assert "No routing rule" in page.title
    assert [target["name"] for level in page.policy["levels"] for target in level["targets"]] == ["Alma"]
    assert set(Alert.objects.values_list("trouble", flat=True)) == {"No routing rule matches this alert."}


def test_a_page_rule_without_a_policy_pages_the_administrators(source: Source, service: Service) -> None:
    rule("page")
    Service.objects.update(policy=None)
    send(source, fire())
    assert "no escalation policy" in Alert.objects.get().trouble
    assert Page.objects.get().purpose == "unrouted"


def test_one_alert_that_fails_holds_nothing_up_and_is_told(
    source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rule("incident", incident_severity=3)

    def fail_on_bad(declarations: Sequence[Declaration], **given: Any) -> list[Incident]:
        if any(declaration.title.startswith("bad") for declaration in declarations):
            raise ValueError("a fault in our code")
        return declare_all(declarations, **given)

    monkeypatch.setattr(open_for_alerts, "declare_all", fail_on_bad)
    send(source, fire("bad"), fire("good"))
    assert Incident.objects.get().title == "good stopped"
    bad = Alert.objects.get(dedup_key="bad")
    assert "Routing failed (ValueError)" in bad.trouble
    assert bad.page_id == Page.objects.get(purpose="unrouted").pk


def test_the_service_is_read_from_the_event_where_the_key_has_none(source: Source, service: Service) -> None:
    rule("page")
    send(Source(source.integration_id, None), fire(fields={"labels": {"service": "DATABASES"}}))
    assert Alert.objects.get().service == service
