"""Events as PagerDuty's callers send them get the answers that those callers expect."""

from __future__ import annotations

import copy
import json

import pytest
from django.test import Client

from intake.models import Alert, IntegrationKey
from tests.contract.descriptions import loaded, needs_descriptions
from tests.intake.test_receivers import new_key

pytestmark = [needs_descriptions, pytest.mark.django_db]


def sent(name: str, **changes: object) -> tuple[int, dict[str, object]]:
    """Send a sample with a key of ours; return status and answer."""
    event = {**copy.deepcopy(loaded(f"pagerduty/examples/{name}")), **changes}
    answer = Client().post("/v2/enqueue", json.dumps(event), content_type="application/json")
    return answer.status_code, answer.json()


def test_the_three_samples_are_taken_with_the_described_answer() -> None:
    key = new_key(IntegrationKey.Kind.EVENTS_V2, None)
    for action in ("trigger", "acknowledge", "resolve"):
        assert sent(f"event_v2.{action}", routing_key=key) == (202, loaded("pagerduty/examples/response.202"))
    assert Alert.objects.get().dedup_key == loaded("pagerduty/examples/event_v2.trigger")["dedup_key"]


def test_a_wrong_severity_is_refused_in_the_described_words() -> None:
    key = new_key(IntegrationKey.Kind.EVENTS_V2, None)
    payload = {**loaded("pagerduty/examples/event_v2.trigger")["payload"], "severity": "grave"}
    status, answer = sent("event_v2.trigger", routing_key=key, payload=payload)
    described = loaded("pagerduty/examples/response.400")
    assert status == 400
    assert {**answer, "errors": []} == {**described, "errors": []}
    assert "payload.severity" in str(answer["errors"])
