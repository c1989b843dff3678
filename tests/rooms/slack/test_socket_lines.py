"""What keeps a connection of Socket Mode up, and what the settings screen says when there is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import websocket
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from engine import clock
from rooms.models import SlackWorkspace
from rooms.slack import socket_mode
from rooms.slack.socket_mode import PAUSES_S, Line
from rooms.slack.workspace import check, socket_trouble
from tests.builders import make_person
from tests.phones import SLACK
from tests.workspace import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


class Impatient(threading.Event):
    """Ends the line at its third pause; keeps how long each was to be."""

    def __init__(self, pauses: int = 3) -> None:
        super().__init__()
        self.pauses_s: list[float] = []
        self._most = pauses

    def wait(self, timeout: float | None = None) -> bool:
        """Note the pause instead of making it."""
        self.pauses_s.append(timeout or 0.0)
        if len(self.pauses_s) >= self._most:
            self.set()
        return self.is_set()


class Frames:
    """A connection on which one frame comes and then nothing."""

    def __init__(self, kind: int, frame: bytes) -> None:
        self._came = kind, frame
        self.closed = False

    def recv_data(self, *, control_frame: bool) -> tuple[int, bytes]:
        """Return the frame."""
        assert control_frame
        return self._came

    def close(self) -> None:
        """Do nothing, as the library after Slack's closing frame."""

    def shutdown(self) -> None:
        """Give the socket back."""
        self.closed = True


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.mark.parametrize(
    ("kind", "frame"),
    [
        (websocket.ABNF.OPCODE_TEXT, b"no JSON"),
        (websocket.ABNF.OPCODE_TEXT, b"[]"),
        (websocket.ABNF.OPCODE_TEXT, b"\xff"),
        (websocket.ABNF.OPCODE_TEXT, json.dumps({"type": "disconnect", "reason": "link_disabled"}).encode()),
        (websocket.ABNF.OPCODE_CLOSE, b""),
    ],
    ids=["no-json", "no-object", "no-text", "disconnect", "close"],
)
def test_a_line_outlives_whatever_comes_and_does_not_knock_without_pause(
    pool: ThreadPoolExecutor, settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: int, frame: bytes
) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"
    opened: list[Frames] = []

    def connect(_url: str, **_how: Any) -> Frames:
        opened.append(Frames(kind, frame))
        return opened[-1]

    monkeypatch.setattr(socket_mode, "call", lambda *_asked, **_how: {"url": "ws://slack.example/"})
    monkeypatch.setattr(websocket, "create_connection", connect)
    stopping = Impatient()
    Line(number=1, stopping=stopping, pool=pool).run()
    assert stopping.pauses_s == list(PAUSES_S[:3])
    assert [each.closed for each in opened] == [True] * 3


def test_a_wrong_token_is_shown_and_a_line_that_stands_clears_it(
    slack: Workspace, pool: ThreadPoolExecutor, settings: Settings
) -> None:
    check(now=clock.now())
    settings.SLACK_APP_TOKEN = "xapp-wrong"
    Line(number=1, stopping=Impatient(1), pool=pool).run()
    assert SlackWorkspace.objects.get().socket_error == "Slack does not know the token in SLACK_APP_TOKEN."
    browser = Client()
    browser.force_login(make_person("Alma"))
    assert "token in SLACK_APP_TOKEN" in browser.get(reverse("slack_settings")).content.decode()

    settings.SLACK_APP_TOKEN = SLACK["SLACK_APP_TOKEN"]
    stopping = threading.Event()
    line = Line(number=1, stopping=stopping, pool=pool)
    line.start()
    slack.wait_for(lambda: socket_trouble(now=clock.now()) == "", "The line")
    stopping.set()
    slack.disconnect()
    line.join(timeout=30)
    assert not line.is_alive()
    room = SlackWorkspace.objects.get()
    assert room.socket_at is not None
    assert "run_slack" in socket_trouble(now=room.socket_at + timedelta(minutes=5)), "a process that is gone is noticed"


def test_without_socket_mode_nothing_is_missed(settings: Settings) -> None:
    settings.SLACK_APP_TOKEN = ""
    SlackWorkspace.objects.create(team_id="T1", checked_at=clock.now())
    assert socket_trouble(now=clock.now()) == ""
