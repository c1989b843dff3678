"""Slack's own samples of what it sends are taken at our doors, kept once, and read as they are meant."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_django import Settings

from rooms.models import SlackInbound, SlackWorkspace
from rooms.slack import reading, registry
from tests.contract.descriptions import needs_descriptions, samples
from tests.rooms.slack.knocking import SECRET, knock

pytestmark = [needs_descriptions, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _every_door_is_open(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something answers whatever the samples name, for whoever they name."""
    settings.SLACK_SIGNING_SECRET, settings.SLACK_BOT_TOKEN = SECRET, "xoxb-1"
    door = registry.Door(later=lambda _came: None, strangers=True)
    monkeypatch.setattr("rooms.slack.inbound.door_for", lambda _kind, _name: door)


def sent(sample: dict[str, Any]) -> int:
    """Send a sample as Slack sends its kind, and return the status."""
    if "command" in sample:
        return knock("/slack/commands", urlencode(sample).encode()).status_code
    if sample.get("type") in reading.KINDS:
        form = urlencode({"payload": json.dumps(sample)}).encode()
        return knock("/slack/interactions", form).status_code
    return knock("/slack/events", json.dumps(sample).encode(), kind="application/json").status_code


def test_every_sample_is_taken_and_its_double_changes_nothing() -> None:
    by_http = {name: each for name, each in samples("slack").items() if not name.startswith("socket_mode")}
    assert len(by_http) >= 8
    assert {name: sent(each) for name, each in by_http.items()} == dict.fromkeys(by_http, 200)
    again = {name: sent(each) for name, each in by_http.items()}
    assert set(again.values()) <= {200, 204}
    assert (again["slash_command"], again["event.member_joined_channel"]) == (204, 204)
    kept = {(row.kind, row.name, row.user_id) for row in SlackInbound.objects.all()}
    assert ("command", "/incident", "U0001") in kept
    assert ("event", "member_joined_channel", "U0002") in kept
    assert {"action", "submission", "closed"} <= {kind for kind, _name, _user in kept}
    assert SlackInbound.objects.count() == len(kept)
    assert not [row for row in SlackInbound.objects.all() if "deprecated-verification-token" in str(row.payload)]


def test_what_slack_says_about_the_app_is_noted() -> None:
    SlackWorkspace.objects.create(team_id="T0001")
    assert sent(samples("slack")["event.tokens_revoked"]) == 200
    assert SlackWorkspace.objects.get().error
