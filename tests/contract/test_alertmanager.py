"""Bodies recorded from an Alertmanager, and Grafana's documented ones, open alerts and end what they opened."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from intake.models import Alert, IntegrationKey
from tests.contract.descriptions import loaded, needs_descriptions
from tests.intake.test_receivers import new_key

pytestmark = [needs_descriptions, pytest.mark.django_db]


def sent(name: str, path: str) -> int:
    """Post a recorded body and return the status; its sender takes any 2xx for done and drops it at a 4xx."""
    body = json.dumps(loaded(f"alertmanager/{name}"))
    return Client().post(path, body, content_type="application/json").status_code


def open_alerts() -> int:
    """Return how many alerts have not ended."""
    return Alert.objects.exclude(state=Alert.State.RESOLVED).count()


def test_alertmanagers_bodies_open_repeat_and_end() -> None:
    path = f"/integrations/alertmanager/{new_key(IntegrationKey.Kind.ALERTMANAGER, None)}"
    for _repeated in range(2):
        assert sent("webhook.firing", path) == 202
        assert open_alerts() == 1
    assert sent("webhook.firing_truncated", path) == 202
    assert open_alerts() == 2
    assert sent("webhook.resolved_truncated", path) == 202
    assert open_alerts() == 0


def test_grafanas_bodies_open_and_end() -> None:
    path = f"/integrations/grafana/{new_key(IntegrationKey.Kind.GRAFANA, None)}"
    assert sent("grafana.webhook.firing", path) == 202
    assert open_alerts() == 1
    assert sent("grafana.webhook.resolved", path) == 202
    assert open_alerts() == 0
