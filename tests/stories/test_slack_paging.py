"""Pages by direct message in Slack, answered by the buttons under them."""

from __future__ import annotations

import time
from typing import Any

import httpx
from django.test import Client

from notifications.models import Delivery
from people.models import Person
from tests.builders import add_rule, make_method, make_person
from tests.stories.night import Night, answered
from tests.stories.paging import page, state
from tests.workspace import Item, Workspace

HALL_2 = "Power lost in hall 2"


def direct_message(night: Night, slack: Workspace, user: str) -> Item:
    """Return the newest direct message of the product to somebody."""
    night.look()
    return slack.messages(user)[-1]


def buttons(message: Item) -> list[str]:
    """Return the action_ids of the buttons under a message."""
    rows = [block["elements"] for block in message.get("blocks", []) if block["type"] == "actions"]
    return [element["action_id"] for row in rows for element in row]


def words(message: Item) -> str:
    """Return all that a message shows."""
    shown: list[Any] = [block.get("text") or {} for block in message["blocks"]]
    shown += [element for block in message["blocks"] if block["type"] == "context" for element in block["elements"]]
    return " ".join(each.get("text", "") for each in shown)


def ada_in_slack(slack: Workspace) -> tuple[Person, str]:
    ada = make_person("Ada", methods=[])
    return ada, slack.link(ada)


def test_a_press_acknowledges_and_the_message_says_so(night: Night, slack: Workspace) -> None:
    ada, user = ada_in_slack(slack)
    paged = page(night, ada)
    message = direct_message(night, slack, user)
    assert HALL_2 in message["text"]
    assert buttons(message) == ["page:acknowledge", "page:escalate", "page:decline", "page_open"]
    told = slack.click(user, message, "page:acknowledge")
    assert (told["status"], told["error"]) == (200, "")
    slack.work()
    assert (state(paged), paged.acknowledged_by) == ("acknowledged", ada)
    after = slack.messages(user)[-1]
    assert after["ts"] == message["ts"], "updated in place"
    assert "Ada, you have acknowledged it." in words(after)
    assert buttons(after) == []


def test_the_door_answers_at_once_whatever_it_takes_after(night: Night, slack: Workspace) -> None:
    ada, user = ada_in_slack(slack)
    paged = page(night, ada)
    message = direct_message(night, slack, user)
    slack.script({"*": {"hang_s": 5.0}})
    began = time.monotonic()
    assert slack.click(user, message, "page:acknowledge")["error"] == ""
    assert time.monotonic() - began < 3
    slack.script({})
    slack.work()
    assert state(paged) == "acknowledged"


def test_declining_calls_the_next_one(night: Night, slack: Workspace) -> None:
    ada, user = ada_in_slack(slack)
    paged = page(night, ada)
    slack.click(user, direct_message(night, slack, user), "page:decline")
    slack.work()
    paged.refresh_from_db()
    assert paged.responders_called.get(person=ada).state == "declined"
    assert "Understood" in words(slack.messages(user)[0])


def test_only_whom_it_was_sent_to_can_answer_it(night: Night, slack: Workspace) -> None:
    ada, user = ada_in_slack(slack)
    vic = slack.link(make_person("Vic", methods=[]))
    paged = page(night, ada)
    message = direct_message(night, slack, user)
    slack.click(vic, message, "page:acknowledge")
    slack.work()
    assert state(paged) == "paging"
    assert any("sent to somebody else" in each["text"] for each in slack.messages() if each["only_for"] == vic)


def test_the_buttons_go_when_it_was_answered_elsewhere(night: Night, slack: Workspace) -> None:
    ada, user = ada_in_slack(slack)
    paged = page(night, ada)
    message = direct_message(night, slack, user)
    with night.sign_in(ada) as api:
        answered(api.post(f"/pages/{paged.pk}/acknowledge"))
    night.look()
    after = slack.messages(user)[-1]
    assert (after["ts"], buttons(after)) == (message["ts"], [])
    assert HALL_2 in words(after)
    assert "nothing is left to do" in words(after)


def test_a_message_that_may_have_gone_out_is_not_sent_twice(night: Night, slack: Workspace) -> None:
    ada, user = ada_in_slack(slack)
    slack.script({"chat.postMessage": {"cut": True, "done": True, "count": 1}})
    paged = page(night, ada)
    night.look()
    night.pass_time(minutes=1)
    assert len(slack.messages(user)) == 1
    delivery = Delivery.objects.get(page=paged)
    assert delivery.state == "sent"
    assert "found" in set(delivery.attempts.values_list("result", flat=True))


def test_somebody_who_left_the_workspace_is_reached_by_their_next_way(night: Night, slack: Workspace) -> None:
    ada = make_person("Ada", methods=[])
    method = make_method(ada, "slack", address="U0GONE0001")
    add_rule(method)
    add_rule(make_method(ada, "sms"), delay_s=600)
    page(night, ada)
    assert HALL_2 in night.text_to(ada)["text"]
    method.refresh_from_db()
    assert method.disabled_at is not None


def test_retry_after_is_kept(night: Night, slack: Workspace) -> None:
    ada, user = ada_in_slack(slack)
    slack.script({"chat.postMessage": {"http": 429, "retry_after_s": 20, "count": 1}})
    paged = page(night, ada)
    night.look()
    assert slack.messages(user) == []
    assert Delivery.objects.get(page=paged).state == "pending"
    night.pass_time(seconds=60)
    assert len(slack.messages(user)) == 1


def test_a_stranger_links_by_the_offered_address_and_is_then_known(night: Night, slack: Workspace) -> None:
    ada = make_person("Ada", methods=["sms"])
    user = slack.join(ada)
    slack.command(user, "list")
    (offer,) = [each for each in slack.messages("general", user=user) if each["only_for"] == user]
    address = offer["blocks"][1]["elements"][0]["url"]
    assert httpx.get(address, follow_redirects=False, trust_env=False).status_code == 302, "signing in comes first"
    browser, path = Client(), address.removeprefix(night.url)
    browser.force_login(ada)
    assert b"Is this you in Slack?" in browser.get(path).content
    assert browser.post(path).status_code == 302
    slack.work()
    assert "You are Ada in Muster now" in slack.messages(user)[-1]["text"]
    page(night, ada)
    night.text_to(ada)
    assert HALL_2 in direct_message(night, slack, user)["text"]
    sam = Client()
    sam.force_login(make_person("Sam", methods=[]))
    assert b"linked to somebody else" in sam.post(path, follow=True).content
