"""The mapping of a webhook's key: changed, recorded, tried on a screen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from intake.models import Alert, IntegrationKey
from intake.operations.issue_key import SUBJECT, issue_key, revoke_key
from intake.operations.map_webhook import map_webhook
from intake.operations.quarantine import quarantine
from intake.rules.mapping import WebhookMapping
from intake.rules.webhook_shapes import SHAPES
from ledger.queries import entries
from people.models import Person
from tests.builders import NOW, by, make_person
from tests.intake.bodies import uptime_kuma
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db


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
    return issue_key(name="Checks", kind=IntegrationKey.Kind.WEBHOOK, service=None, by=by(alma), now=NOW)[0]


def address(key: IntegrationKey) -> str:
    return reverse("key_mapping", args=[key.pk])


def test_a_mapping_is_recorded_once_with_what_was_before(alma: Person, key: IntegrationKey) -> None:
    given: dict[str, Any] = {"key_id": key.pk, "by": by(alma), "now": NOW}
    map_webhook(mapping=WebhookMapping(summary="what"), **given)
    map_webhook(mapping=WebhookMapping(summary="what"), **given)
    map_webhook(mapping=WebhookMapping(summary="{what} now"), **given)
    recorded = [entry for entry in entries(SUBJECT) if entry.verb == "key.mapped"]
    assert [entry.payload["mapping"] for entry in recorded] == [{"summary": "what"}, {"summary": "{what} now"}]
    assert recorded[1].payload["from"] == {"mapping": {"summary": "what"}}
    assert key.key not in json.dumps([entry.payload for entry in recorded])


def test_what_cannot_be_mapped(alma: Person, key: IntegrationKey) -> None:
    given: dict[str, Any] = {"mapping": WebhookMapping(summary="what"), "by": by(alma), "now": NOW}
    other = issue_key(name="G", kind=IntegrationKey.Kind.GRAFANA, service=None, by=by(alma), now=NOW)[0]
    with pytest.raises(IllegalMove):
        map_webhook(key_id=other.pk, **given)
    with pytest.raises(BadInput) as refused:
        map_webhook(key_id=key.pk, **{**given, "mapping": WebhookMapping(summary="{what", each="{x}")})
    assert set(refused.value.errors) == {"summary", "each"}
    revoke_key(key_id=key.pk, by=by(alma), now=NOW)
    with pytest.raises(IllegalMove):
        map_webhook(key_id=key.pk, **given)
    with pytest.raises(NotFound):
        map_webhook(key_id=0, **given)


def test_the_form_tries_without_saving_and_saves_what_was_tried(browser: Client, key: IntegrationKey) -> None:
    typed = {
        "sample": '{"what": "Smoke", "where": "hall 2", "how": "5"}',
        "summary": "{what} at {where}",
        "dedup_key": "where",
        "severity": "how",
        "severity_words": "5 = Critical, 4=error",
        "state": "how",
        "resolved_words": "Gone, Out",
    }
    tried = browser.post(address(key), {**typed, "try": "1"})
    page = tried.content.decode()
    assert tried.status_code == 200
    assert "Smoke at hall 2" in page
    assert "<code>hall 2</code>" in page
    assert "critical" in page
    key.refresh_from_db()
    assert key.mapping == {}
    assert not Alert.objects.exists()
    assert browser.post(address(key), typed).status_code == 302
    key.refresh_from_db()
    assert key.mapping == {
        "summary": "{what} at {where}",
        "dedup_key": "where",
        "severity": "how",
        "state": "how",
        "resolved_words": ["gone", "out"],
        "severity_words": {"5": "critical", "4": "error"},
    }
    shown = browser.get(address(key)).content.decode()
    assert 'value="4=error, 5=critical"' in shown
    assert 'value="gone, out"' in shown


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        ("", "Paste a body"),
        ("{", "JSON parse error"),
        ('{"colour": 1}', "no dedup key was found"),
        ('{"summary": "Disk full"}', "No dedup key was found"),
        (json.dumps(uptime_kuma(1)), "Read as a message of Uptime Kuma"),
        (json.dumps(uptime_kuma(2)), "Is kept, and opens nothing"),
        ('{"alerts": [{"id": 1, "status": "ok"}, {"x": 1}]}', "Resolves its alert"),
        ('{"id": 1, "status": "ack"}', "Acknowledges its alert"),
    ],
)
def test_a_trial_says_what_would_come_of_it(browser: Client, key: IntegrationKey, sample: str, sentence: str) -> None:
    answer = browser.post(address(key), {"sample": sample, "try": "1"})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("more", [{"try": "1"}, {}])
def test_faults_stand_beside_their_fields(browser: Client, key: IntegrationKey, more: dict[str, str]) -> None:
    answer = browser.post(address(key), {"summary": "{what", "severity_words": "5", **more})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A brace is not closed" in page
    assert "Say word=severity" in page
    assert 'value="{what"' in page


def test_the_newest_body_is_there_to_be_tried(browser: Client, key: IntegrationKey) -> None:
    quarantine(path="integrations/webhook/", body=b'{"colour": "red"}', reason="?", integration_id=key.pk, now=NOW)
    assert "colour" in browser.get(address(key)).content.decode()
    Client().post(f"/integrations/webhook/{key.key}", {"id": 1, "name": "Lamp"}, content_type="application/json")
    page = browser.get(address(key)).content.decode()
    assert "Lamp" in page
    assert "colour" not in page


def test_a_known_tools_mapping_can_be_the_beginning(browser: Client, key: IntegrationKey) -> None:
    for shape in SHAPES:
        page = browser.get(address(key), {"like": shape.key}).content.decode()
        assert f'value="{shape.mapping.dedup_key}"' in page
    assert browser.get(address(key), {"like": "nobody's"}).status_code == 200


def test_the_keys_page_leads_there_and_others_have_none(browser: Client, alma: Person, key: IntegrationKey) -> None:
    page = browser.get(reverse("key", args=[key.pk])).content.decode()
    assert address(key) in page
    assert f"/integrations/webhook/{key.key}" in page
    other = issue_key(name="G", kind=IntegrationKey.Kind.GRAFANA, service=None, by=by(alma), now=NOW)[0]
    assert browser.get(address(other)).status_code == 404
    made = browser.post(reverse("key_add"), {"name": "More checks", "kind": "webhook"})
    assert made.status_code == 302
    assert IntegrationKey.objects.get(name="More checks").kind == "webhook"
