"""What Slack tells by Socket Mode goes the same way as what it tells by HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import Settings

from rooms.models import SlackInbound
from rooms.slack import registry
from rooms.slack.socket_mode import CONNECTIONS, Line, listen
from tests.builders import make_person
from tests.phones import SLACK
from tests.workspace import Workspace


@pytest.fixture
def lines(slack: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Line]]:
    """Both connections, open."""
    settings.SLACK_APP_TOKEN = SLACK["SLACK_APP_TOKEN"]
    monkeypatch.setattr(registry, "_doors", dict(registry._doors))
    registry.on("command", "/now", at_once=lambda came: {"text": f"You said {came.text}"})
    registry.on("event", "told_twice", later=lambda _came: None, strangers=True)
    stopping = threading.Event()
    lines = listen(stopping=stopping)
    slack.wait_for(lambda: slack.sockets() == CONNECTIONS, "Both connections")
    yield lines
    stopping.set()
    slack.disconnect()
    for line in lines:
        line.join(timeout=20)
        assert not line.is_alive()
    connections.close_all()


def test_commands_and_events_come_by_socket_and_are_answered(lines: list[Line], slack: Workspace) -> None:
    assert all(line.connected.wait(10) for line in lines)
    user = slack.link(make_person("Ada", methods=[]))
    told = slack.command(user, "hello", command="/now")
    assert (told["by"], told["error"]) == ("socket", "")
    assert [each["text"] for each in slack.messages("general", user=user)] == ["You said hello"]
    for _ in range(2):
        slack.event({"type": "told_twice", "user": user})
    assert all((each["by"], each["error"]) == ("socket", "") for each in slack.told())
    assert SlackInbound.objects.filter(kind="event").count() == 2, "two of the same, two events"


def test_a_repeated_envelope_changes_nothing(lines: list[Line], slack: Workspace) -> None:
    del lines
    event = {"type": "told_twice", "user": "U0NOBODY1"}
    for _ in range(3):
        assert slack.event(event, event_id="Ev7")["error"] == ""
    assert SlackInbound.objects.filter(kind="event").count() == 1


def test_connections_come_back_when_slack_renews_them(lines: list[Line], slack: Workspace) -> None:
    del lines
    assert slack.disconnect() == CONNECTIONS
    slack.wait_for(lambda: slack.sockets() == CONNECTIONS, "Both connections again")
    user = slack.link(make_person("Ada", methods=[]))
    assert slack.command(user, "again", command="/now")["by"] == "socket"
