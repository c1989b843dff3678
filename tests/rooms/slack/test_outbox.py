"""Calls of Slack's Web API, through the outbox, against the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError
from pytest_django import Settings

from engine import clock
from rooms.models import SlackOutgoing, SlackPause, SlackWorkspace
from rooms.slack import outcomes
from rooms.slack.client import call_now, post_later
from rooms.slack.outbox import send_due
from rooms.slack.workspace import check
from tests.workspace import Workspace

GENERAL = "general"
HALF_AN_HOUR = timedelta(minutes=30)


def post(text: str, *, now: datetime, **how: Any) -> int | None:
    with transaction.atomic():
        return post_later("chat.postMessage", {"channel": GENERAL, "text": text}, now=now, **how)


def texts(slack: Workspace) -> list[str]:
    return [message["text"] for message in slack.messages(GENERAL)]


def row(row_id: int | None) -> SlackOutgoing:
    return SlackOutgoing.objects.get(pk=row_id or 0)


def later(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def _member(slack: Workspace) -> None:
    call_now("conversations.join", {"channel": GENERAL})


def test_messages_to_one_channel_keep_their_order(slack: Workspace) -> None:
    now = clock.now()
    ids = [post(f"Line {number}", now=now) for number in range(4)]
    assert send_due(now=clock.now(), ids=[ids[3] or 0], most=1) == 0, "it waits for the earlier ones"
    assert send_due(now=clock.now(), ids=[ids[0] or 0]) == 4, "what waits behind follows"
    assert texts(slack) == ["Line 0", "Line 1", "Line 2", "Line 3"]
    done = row(ids[0])
    assert (done.state, done.response["ts"]) == ("done", slack.messages(GENERAL)[0]["ts"])


def test_a_message_of_a_later_time_holds_up_nobody(slack: Workspace) -> None:
    now = clock.now()
    post("In an hour", now=now, not_before=now + timedelta(hours=1))
    post("Now", now=now)
    send_due(now=clock.now())
    assert texts(slack) == ["Now"]


def test_a_double_is_dropped_and_only_the_latest_waits(slack: Workspace) -> None:
    now = clock.now()
    assert post("Once", now=now, dedup="once") is not None
    assert post("Once", now=now, dedup="once") is None
    first, second = post("Old", now=now, latest="summary"), post("New", now=now, latest="summary")
    assert first == second
    send_due(now=clock.now())
    assert texts(slack) == ["Once", "New"]
    assert post("Newer", now=now, latest="summary") not in (None, first)


def test_it_is_written_with_the_move_that_causes_it(slack: Workspace) -> None:
    with pytest.raises(TransactionManagementError):
        post_later("chat.postMessage", {"channel": GENERAL, "text": "No"}, now=clock.now())
    with pytest.raises(TransactionManagementError), transaction.atomic():
        send_due(now=clock.now())
    assert texts(slack) == []


def test_retry_after_holds_back_the_method_and_nobody_sleeps(slack: Workspace) -> None:
    check(now=clock.now())
    slack.script({"chat.postMessage": {"http": 429, "retry_after_s": 600, "count": 1}})
    now = clock.now()
    held = post("Held back", now=now)
    with transaction.atomic():
        post_later("conversations.setTopic", {"channel": GENERAL, "topic": "Hall 2"}, now=now, lane="")
    assert send_due(now=now) == 2, "another method goes on"
    pause = SlackPause.objects.get()
    assert (pause.team_id, pause.method) == ("T0HARBOR1", "chat.postMessage")
    assert timedelta(seconds=590) < pause.until - now < timedelta(seconds=620)
    assert (row(held).state, row(held).code) == ("pending", "ratelimited")
    post("A second one", now=now)
    assert send_due(now=later(300)) == 0
    assert texts(slack) == []
    assert send_due(now=later(630)) == 2
    assert texts(slack) == ["Held back", "A second one"]
    assert [each["status"] for each in slack.calls("chat.postMessage")] == [429, 200, 200]


@pytest.mark.parametrize(
    "trouble",
    [{"error": "fatal_error", "done": True}, {"cut": True, "done": True}, {"http": 500, "done": True}],
    ids=["fatal_error", "cut", "500"],
)
def test_what_may_have_been_posted_is_looked_for_before_it_is_posted_again(
    slack: Workspace, trouble: Mapping[str, Any]
) -> None:
    slack.script({"chat.postMessage": {**trouble, "count": 1}})
    posted = post("Power lost", now=clock.now())
    send_due(now=clock.now())
    assert (row(posted).state, row(posted).uncertain) == ("pending", True)
    send_due(now=later(10))
    assert texts(slack) == ["Power lost"], "posted once"
    assert row(posted).response["ts"] == slack.messages(GENERAL)[0]["ts"]


def test_what_was_not_posted_is_posted_after_all(slack: Workspace) -> None:
    slack.script({"chat.postMessage": {"error": "fatal_error", "count": 1}})
    post("Power lost", now=clock.now())
    send_due(now=clock.now())
    send_due(now=later(10))
    assert texts(slack) == ["Power lost"]
    assert len(slack.calls("chat.postMessage")) == 2


def test_a_channel_that_may_have_been_made_is_looked_for_before_another_is_made(slack: Workspace) -> None:
    slack.script({"conversations.create": {"cut": True, "done": True, "count": 1}})
    with transaction.atomic():
        made = post_later("conversations.create", {"name": "inc-7-power"}, now=clock.now())
    send_due(now=clock.now())
    assert (row(made).state, row(made).uncertain) == ("pending", True)
    send_due(now=later(10))
    (channel,) = [each for each in slack.channels() if each.get("name") == "inc-7-power"]
    assert (row(made).state, row(made).response["channel"]["id"]) == ("done", channel["id"])


def test_somebody_elses_channel_of_that_name_is_not_taken_for_ours(slack: Workspace) -> None:
    slack.add_channel("inc-7-power")
    slack.script({"conversations.create": {"cut": True, "count": 1}})
    with transaction.atomic():
        wanted = post_later("conversations.create", {"name": "inc-7-power"}, now=clock.now())
    send_due(now=clock.now())
    send_due(now=later(10))
    assert (row(wanted).state, row(wanted).code) == ("failed", "name_taken")


def test_a_refusal_stops_the_row_and_says_why(slack: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, Any]] = []
    monkeypatch.setattr(outcomes, "_ears", {})
    outcomes.register("test", lambda ended, answer: heard.append((ended.code, answer)))
    now = clock.now()
    with transaction.atomic():
        refused = post_later("chat.postMessage", {"channel": "C0NOWHERE", "text": "Hi"}, now=now, purpose="test")
        fine = post_later("conversations.create", {"name": "inc-1"}, now=now, purpose="test")
        again = post_later("pins.add", {"channel": GENERAL, "timestamp": "1.1"}, now=now)
    send_due(now=clock.now())
    assert (row(refused).state, row(refused).code) == ("failed", "channel_not_found")
    assert "can't see it" in row(refused).reason
    assert row(again).state == "failed"
    assert heard[0] == ("channel_not_found", None)
    assert heard[1][1]["channel"]["name"] == "inc-1"
    assert row(fine).response["channel"]["id"].startswith("C0")


def test_what_was_so_already_is_done(slack: Workspace) -> None:
    with transaction.atomic():
        for _ in range(2):
            post_later("conversations.join", {"channel": GENERAL}, now=clock.now())
    slack.script({"conversations.join": {"error": "already_in_channel"}})
    send_due(now=clock.now())
    assert set(SlackOutgoing.objects.values_list("state", "code")) == {("done", "already_in_channel")}


def test_a_wrong_token_is_shown_and_a_right_one_clears_it(slack: Workspace, settings: Settings) -> None:
    room = check(now=clock.now())
    assert room is not None
    assert (room.team_id, room.name, room.error) == ("T0HARBOR1", "Harbor Hosting", "")
    right, settings.SLACK_BOT_TOKEN = settings.SLACK_BOT_TOKEN, "xoxb-wrong"
    failed = post("Hello", now=clock.now())
    send_due(now=clock.now())
    assert (row(failed).state, row(failed).code) == ("pending", "invalid_auth")
    assert "SLACK_BOT_TOKEN" in SlackWorkspace.objects.get().error
    assert send_due(now=clock.now()) == 0, "it is not tried again and again"
    settings.SLACK_BOT_TOKEN = right
    check(now=clock.now())
    assert SlackWorkspace.objects.get().error == ""
    send_due(now=clock.now())
    assert texts(slack) == ["Hello"], "what waited for the token is said now"


def test_what_one_method_lacks_is_no_trouble_of_the_workspace(slack: Workspace) -> None:
    check(now=clock.now())
    slack.script({"chat.postMessage": {"error": "missing_scope"}})
    refused = post("Hello", now=clock.now())
    send_due(now=clock.now())
    assert (row(refused).state, row(refused).code) == ("failed", "missing_scope")
    assert SlackWorkspace.objects.get().error == "", "everything else goes on"


def test_slack_unreachable_is_tried_until_it_is_of_no_use(slack: Workspace, settings: Settings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    old = post("Old news", now=clock.now(), good_for=HALF_AN_HOUR)
    send_due(now=clock.now())
    assert (row(old).state, row(old).code, row(old).uncertain) == ("pending", "unreachable", False)
    send_due(now=later(3600))
    assert (row(old).state, row(old).code) == ("failed", "expired")
    assert texts(slack) == []


def test_a_killed_senders_message_is_looked_for_first(slack: Workspace) -> None:
    posted = post("Power lost", now=clock.now())
    send_due(now=clock.now())
    SlackOutgoing.objects.update(state="sending", lease_until=clock.now(), response={})
    assert send_due(now=later(1)) == 1
    assert (row(posted).state, texts(slack)) == ("done", ["Power lost"])
