"""Routing rules, integration keys, alerts and quarantine as administrators see them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from intake.models import Alert, IntegrationKey, Quarantined, RoutingRule
from intake.operations.change_rule import (
    SUBJECT,
    RuleDraft,
    add_rule,
    change_rule,
    move_rule,
    remove_rule,
    switch_rule,
)
from intake.operations.issue_key import issue_key
from intake.trial import try_conditions
from ledger.queries import entries
from people.models import Person
from tests.api.world import trigger
from tests.builders import NOW, by, make_person
from tests.incidents.builders import make_company, make_incident, make_service
from web.errors import BadInput, NotFound

pytestmark = pytest.mark.django_db

CRITICAL = {"field": "severity", "is": "equals", "value": "critical"}
MYSQL = {"field": "component", "is": "equals", "value": "mysql"}


@pytest.fixture
def alma() -> Person:
    return make_person("Alma")


@pytest.fixture
def browser(alma: Person) -> Client:
    client = Client()
    client.force_login(alma)
    return client


@pytest.fixture
def key(alma: Person) -> IntegrationKey:
    return issue_key(name="Events", kind=IntegrationKey.Kind.EVENTS_V2, service=None, by=by(alma), now=NOW)[0]


def draft(name: str = "Critical", *conditions: dict[str, Any], **more: Any) -> RuleDraft:
    return RuleDraft(**{"name": name, "conditions": list(conditions), "action": "incident", **more})


def names() -> list[str]:
    return list(RoutingRule.objects.values_list("name", flat=True))


def test_a_new_rule_stands_before_those_that_take_everything(alma: Person) -> None:
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    add_rule(draft=draft("Everything"), **given)
    add_rule(draft=draft("First", CRITICAL), **given)
    add_rule(draft=draft("Second", MYSQL), **given)
    add_rule(draft=draft("Everything again"), **given)
    assert names() == ["First", "Second", "Everything", "Everything again"]
    assert list(RoutingRule.objects.values_list("position", flat=True)) == [1, 2, 3, 4]


def test_rules_change_places_switch_and_go(alma: Person) -> None:
    given: dict[str, Any] = {"by": by(alma), "now": NOW}
    first, second = (add_rule(draft=draft(name, CRITICAL), **given) for name in ("First", "Second"))
    move_rule(rule_id=second.pk, up=True, **given)
    assert names() == ["Second", "First"]
    move_rule(rule_id=second.pk, up=True, **given)
    switch_rule(rule_id=first.pk, active=False, **given)
    switch_rule(rule_id=first.pk, active=False, **given)
    change_rule(rule_id=first.pk, draft=draft("First", MYSQL, incident_severity=1), **given)
    remove_rule(rule_id=first.pk, **given)
    recorded = entries(SUBJECT)
    assert [entry.verb for entry in recorded] == [
        "rule.added",
        "rule.added",
        "rule.moved",
        "rule.switched_off",
        "rule.changed",
        "rule.removed",
    ]
    assert recorded[4].payload["from"] == {"conditions": [CRITICAL], "incident_severity": 3}
    with pytest.raises(NotFound):
        move_rule(rule_id=first.pk, up=True, **given)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"action": "explode"}, "action"),
        ({"incident_severity": 5}, "incident_severity"),
        ({"conditions": [{"field": "summary", "is": "matches", "value": "("}]}, "conditions"),
        ({"conditions": [{"field": "severity", "is": "at_least", "value": "terrible"}]}, "conditions"),
    ],
)
def test_a_rule_that_can_t_be_followed_is_refused(alma: Person, more: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        add_rule(draft=draft(**{"name": "Critical", **more}), by=by(alma), now=NOW)
    assert set(refused.value.errors) == {field}


def test_a_rule_is_tried_where_it_would_stand(alma: Person, key: IntegrationKey) -> None:
    for number in range(4):
        trigger(key, f"alert {number}", now=NOW, component="mysql" if number < 3 else "disk")
    above = add_rule(
        draft=draft("Above", {"field": "dedup_key", "is": "equals", "value": "alert 0"}), by=by(alma), now=NOW
    )
    add_rule(draft=draft("Everything"), by=by(alma), now=NOW)
    trial = try_conditions([MYSQL], rule=None)
    assert (trial.tried, trial.fit, trial.taken_before) == (4, 3, 1)
    assert [alert.dedup_key for alert in trial.examples] == ["alert 2", "alert 1"]
    assert try_conditions([MYSQL], rule=above).taken_before == 0


def typed(**more: str) -> dict[str, str]:
    return {
        "name": "MySQL",
        "action": "incident",
        "incident_severity": "2",
        "incident_type": "other",
        "storm_alerts": "20",
        "storm_seconds": "60",
        "conditions": "2",
        "condition-0-fact": "component",
        "condition-0-operator": "one_of",
        "condition-0-value": "mysql, postgresql",
        **more,
    }


def test_the_editor_tries_without_saving_and_saves_what_was_tried(browser: Client, key: IntegrationKey) -> None:
    trigger(key, "db-3", now=NOW, component="mysql")
    answer = browser.post(reverse("rule_add"), typed(**{"try": "1"}))
    assert "Would have matched 1 of the last 1 alerts" in answer.content.decode()
    assert 'value="mysql, postgresql"' in answer.content.decode()
    assert not RoutingRule.objects.exists()
    assert browser.post(reverse("rule_add"), typed()).status_code == 302
    rule = RoutingRule.objects.get()
    assert rule.conditions == [{"field": "component", "is": "one_of", "value": ["mysql", "postgresql"]}]
    shown = browser.get(reverse("rule_edit", args=[rule.pk])).content.decode()
    assert 'value="mysql, postgresql"' in shown


def test_more_conditions_keep_those_that_are_there(browser: Client) -> None:
    answer = browser.post(reverse("rule_add"), typed(more="1"))
    assert answer.status_code == 200
    assert len(answer.context["conditions"]) == 4
    page = answer.content.decode()
    assert 'value="mysql, postgresql"' in page
    assert 'name="condition-3-fact"' in page


@pytest.mark.parametrize("verb", [{}, {"try": "1"}])
def test_a_pattern_that_can_t_be_read_is_explained(browser: Client, verb: dict[str, str]) -> None:
    wrong = {"condition-0-operator": "matches", "condition-0-value": "("}
    answer = browser.post(reverse("rule_add"), typed(**wrong, **verb))
    assert "can&#x27;t be read" in answer.content.decode()
    assert not RoutingRule.objects.exists()


def test_the_list_warns_when_no_rule_takes_everything(browser: Client, alma: Person) -> None:
    rule = add_rule(draft=draft("Everything"), by=by(alma), now=NOW)
    add_rule(draft=draft("Critical", CRITICAL), by=by(alma), now=NOW)
    assert "No active rule takes everything" not in browser.get(reverse("rules")).content.decode()
    browser.post(reverse("rule_switch", args=[rule.pk]), {"active": "no"})
    assert "No active rule takes everything" in browser.get(reverse("rules")).content.decode()
    browser.post(reverse("rule_move", args=[rule.pk]), {"way": "up"})
    assert names() == ["Everything", "Critical"]


def test_a_key_is_made_shown_with_an_example_and_revoked(browser: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://muster.harbor.example"
    service = make_service("mail")
    for kind, address in (
        ("events_v2", "https://muster.harbor.example/v2/enqueue"),
        ("alertmanager", "https://muster.harbor.example/integrations/alertmanager/"),
        ("grafana", "https://muster.harbor.example/integrations/grafana/"),
    ):
        answer = browser.post(reverse("key_add"), {"name": kind, "kind": kind, "service": str(service.pk)}, follow=True)
        key = IntegrationKey.objects.get(name=kind)
        assert key.key in answer.content.decode()
        assert address in answer.content.decode()
        browser.post(reverse("key_revoke", args=[key.pk]))
        key.refresh_from_db()
        assert key.revoked_at is not None
        assert "is revoked" in browser.get(reverse("key", args=[key.pk])).content.decode()
    assert browser.post(reverse("key_add"), {"name": "x", "kind": "heartbeat"}).status_code == 422


def test_alerts_are_filtered_and_a_private_incident_s_stay_inside(browser: Client, key: IntegrationKey) -> None:
    company = make_company()
    trigger(key, "db-3", now=NOW)
    incident = make_incident("Intrusion", private=True, declared_by=company.ada)
    Alert.objects.update(incident=incident)
    outsider = Client()
    outsider.force_login(make_person("Sue"))
    assert len(browser.get(reverse("alerts")).context["rows"]) == 1
    assert outsider.get(reverse("alerts")).context["rows"] == []
    assert outsider.get(reverse("alert", args=[Alert.objects.get().pk])).status_code == 404
    for query, rows in (({"state": "open"}, 1), ({"state": "resolved"}, 0), ({"q": "Replication"}, 1), ({"q": "x"}, 0)):
        assert len(browser.get(reverse("alerts"), query).context["rows"]) == rows, query


def test_a_rejected_event_is_read_and_tried_again(browser: Client, key: IntegrationKey) -> None:
    payload = {"summary": "Down", "source": "db-3", "severity": "error"}
    event = {"routing_key": key.key, "event_action": "trigger", "dedup_key": "db-3", "payload": payload}
    good = Quarantined.objects.create(
        path="v2/enqueue", reason="not known", body=json.dumps(event).encode(), received_at=NOW
    )
    bad = Quarantined.objects.create(path="v2/enqueue", reason="no JSON", body=b"\xff{", received_at=NOW)
    page = browser.get(reverse("quarantine")).content.decode()
    assert "no JSON" in page
    back = {"referer": "http://testserver/quarantine/"}
    answer = browser.post(reverse("quarantine_replay", args=[good.pk]), headers=back, follow=True)
    assert "understood now" in answer.content.decode()
    assert Alert.objects.get().summary == "Down"
    answer = browser.post(reverse("quarantine_replay", args=[bad.pk]), headers=back, follow=True)
    assert "The body is no JSON" in answer.content.decode()
    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.replayed_at is not None
    assert bad.replayed_at is None


def test_an_event_of_an_unknown_key_counts_for_the_integration_that_is_chosen(
    browser: Client, key: IntegrationKey
) -> None:
    event = {"routing_key": "0" * 32, "event_action": "trigger", "payload": {"summary": "Down", "source": "db-3"}}
    event["payload"] |= {"severity": "error"}  # type: ignore[operator]  # the value is the dict above
    row = Quarantined.objects.create(
        path="v2/enqueue", reason="not known", body=json.dumps(event).encode(), received_at=NOW
    )
    url, back = reverse("quarantine_replay", args=[row.pk]), {"referer": "http://testserver/quarantine/"}
    assert "No integration is known" in browser.post(url, headers=back, follow=True).content.decode()
    browser.post(url, {"integration": str(key.pk)}, headers=back)
    assert Alert.objects.get().integration == key
