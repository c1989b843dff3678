"""A page leaves by Slack, and its answer is taken, while nothing takes what is handed over: PostgreSQL is the truth."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from django.db import transaction
from pytest_django import Settings

from engine import broker, clock
from notifications.channels.registry import prepare_all
from notifications.models import Page
from rooms.models import SlackOutgoing, SlackPause
from rooms.slack.client import post_later
from tests.builders import make_page, make_person
from tests.stories.without_broker import engine_without_broker
from tests.workspace import TEAM, Workspace

DUTIES: Final = ("pages", "deliveries", "slack_inbound", "slack_outgoing")
PAGE_S: Final = 5.0
"""The promise's own limit, from the page's start until it is in the workspace."""


@pytest.fixture
def engine(slack: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine of this process, and a broker that is gone."""
    del slack
    prepare_all()  # as the engine's duty "channels" does when it starts
    with engine_without_broker(DUTIES, settings=settings, monkeypatch=monkeypatch):
        yield


def test_a_page_leaves_by_slack_and_is_answered_there(engine: None, slack: Workspace) -> None:
    del engine
    ada = make_person("Ada", methods=[])
    user = slack.link(ada)
    began = time.monotonic()
    page = make_page(ada, now=clock.now())
    slack.wait_for(lambda: bool(slack.messages(user)), "The direct message")
    assert time.monotonic() - began < PAGE_S
    told = slack.click(user, slack.messages(user)[0], "page:acknowledge")
    assert (told["status"], told["error"]) == (200, "")
    slack.wait_for(lambda: Page.objects.get(pk=page.pk).state == "acknowledged", "The acknowledgement")
    slack.wait_for(lambda: slack.messages(user)[0]["edited"] > 0, "The message's change")
    assert broker.publisher().is_lost(), "the broker was never there"


def test_housekeeping_never_delays_a_page(engine: None, slack: Workspace) -> None:
    """Slack hangs at whatever a channel needs, wants no posting for ten minutes, and a hundred calls wait."""
    del engine
    ada = make_person("Ada", methods=[])
    user = slack.link(ada)
    now = clock.now()
    slack.script({"conversations.setTopic": {"hang_s": 4.0}, "conversations.history": {"hang_s": 4.0}})
    SlackPause.objects.create(team_id=TEAM, method="chat.postMessage", until=now + timedelta(minutes=10))
    with transaction.atomic():
        for number in range(100):
            about = {"channel": "general", "topic": f"Topic {number}"}
            post_later("conversations.setTopic", about, lane="", now=now)
    slack.wait_for(lambda: SlackOutgoing.objects.filter(state="sending").exists(), "The first call that hangs")
    began = time.monotonic()
    page = make_page(ada, now=clock.now())
    slack.wait_for(lambda: bool(slack.messages(user)), "The direct message")
    assert time.monotonic() - began < PAGE_S
    slack.click(user, slack.messages(user)[0], "page:acknowledge")
    slack.wait_for(lambda: Page.objects.get(pk=page.pk).state == "acknowledged", "The acknowledgement")
    assert SlackOutgoing.objects.filter(method="conversations.setTopic", state="pending").exists(), "they still wait"
    slack.script({})
    SlackOutgoing.objects.filter(state="pending").delete()
