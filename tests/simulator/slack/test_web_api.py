"""The workspace's Web API, asked with Slack's own library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.simulator.customer import Customer, Loop, peer_of
from tests.simulator.slack.conftest import BOT, Room

ADA, VIC = "U0ADA0001", "U0VIC0001"


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def text_block(text: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": "section", "text": {"type": kind, "text": text}}


def test_the_token_says_who_the_app_is(room: Room) -> None:
    assert room.api.auth_test()["team_id"] == "T0HARBOR1"
    room.api.token = "xoxb-wrong"
    assert refusal(room.api.auth_test) == "invalid_auth"


def test_a_direct_message_carries_blocks_and_metadata(room: Room) -> None:
    metadata = {"event_type": "ours", "event_payload": {"key": "7"}}
    posted = room.api.chat_postMessage(channel=ADA, text="Hello", blocks=[text_block("*Hello*")], metadata=metadata)
    (message,) = room.messages(ADA)
    assert (message["ts"], message["text"], message["channel"]) == (posted["ts"], "Hello", posted["channel"])
    seen = room.api.conversations_history(channel=posted["channel"], include_all_metadata=True)["messages"][0]
    assert seen["metadata"] == metadata
    assert "metadata" not in room.api.conversations_history(channel=posted["channel"])["messages"][0]
    room.api.chat_update(channel=posted["channel"], ts=posted["ts"], text="Over")
    assert room.messages(ADA)[0]["text"] == "Over"
    room.api.chat_delete(channel=posted["channel"], ts=posted["ts"])
    assert room.messages(ADA) == []
    assert refusal(room.api.chat_update, channel=posted["channel"], ts=posted["ts"], text="x") == "message_not_found"


def test_people_of_the_file_are_reached_before_anybody_opened_the_page(
    customer: Customer, loop: Loop, tmp_path: Path
) -> None:
    file = tmp_path / "company.json"
    with peer_of(customer, loop=loop, contacts=file, slack_bot_token=BOT) as peer:
        api = WebClient(token=BOT, base_url=f"{peer.url}/slack/api/")
        assert refusal(api.chat_postMessage, channel=ADA, text="Hello") == "channel_not_found"
        file.write_text(json.dumps({"people": [{"name": "Ada", "slack": ADA}]}))
        assert api.chat_postMessage(channel=ADA, text="Hello")["ok"]


def test_a_channel_is_made_joined_named_and_archived(room: Room) -> None:
    made = room.api.conversations_create(name="inc-1042")["channel"]
    assert refusal(room.api.conversations_create, name="inc-1042") == "name_taken"
    assert refusal(room.api.conversations_create, name="No Blanks") == "invalid_name_specials"
    assert refusal(room.api.conversations_create, name="a" * 81) == "invalid_name_maxlength"
    room.api.conversations_invite(channel=made["id"], users=f"{ADA},{VIC}")
    assert refusal(room.api.conversations_invite, channel=made["id"], users=ADA) == "already_in_channel"
    assert refusal(room.api.conversations_invite, channel=made["id"], users="U0NOBODY1") == "user_not_found"
    room.api.conversations_setTopic(channel=made["id"], topic="Hall 2")
    posted = room.api.chat_postMessage(channel=made["id"], text="Summary")
    room.api.pins_add(channel=made["id"], timestamp=posted["ts"])
    assert refusal(room.api.pins_add, channel=made["id"], timestamp=posted["ts"]) == "already_pinned"
    assert room.api.conversations_info(channel=made["id"])["channel"]["topic"]["value"] == "Hall 2"
    room.api.conversations_archive(channel=made["id"])
    assert refusal(room.api.chat_postMessage, channel=made["id"], text="x") == "is_archived"


def test_where_the_app_is_no_member_it_does_not_write(room: Room) -> None:
    channel = room.post("channels", name="ops", members=[ADA])["id"]
    assert refusal(room.api.chat_postMessage, channel=channel, text="x") == "not_in_channel"
    room.api.conversations_join(channel=channel)
    room.api.chat_postMessage(channel=channel, text="x")
    secret = room.post("channels", name="board", members=[ADA], private=True)["id"]
    assert refusal(room.api.chat_postMessage, channel=secret, text="x") == "channel_not_found"


def test_people_are_found_by_mail(room: Room) -> None:
    assert room.api.users_lookupByEmail(email="Ada@harbor.example")["user"]["id"] == ADA
    assert refusal(room.api.users_lookupByEmail, email="sam@harbor.example") == "users_not_found"


@pytest.mark.parametrize(
    "blocks",
    [
        [text_block("x" * 3001)],
        [text_block("")],
        [text_block("x")] * 51,
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "actions", "elements": []}],
        [{"type": "unheard_of"}],
        [{"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}]}],
        [{"type": "context", "elements": [{"type": "plain_text", "text": "x"}] * 11}],
        [{**text_block("a"), "block_id": "same"}, {**text_block("b"), "block_id": "same"}],
    ],
)
def test_blocks_beyond_slacks_limits_are_refused(room: Room, blocks: list[dict[str, Any]]) -> None:
    assert refusal(room.api.chat_postMessage, channel=ADA, text="x", blocks=blocks) == "invalid_blocks"
    assert room.messages(ADA) == []


def test_no_text_and_too_much_of_it(room: Room) -> None:
    assert refusal(room.api.api_call, api_method="chat.postMessage", data={"channel": ADA}) == "no_text"
    assert refusal(room.api.chat_postMessage, channel=ADA, text="x" * 40_001) == "msg_too_long"


def test_a_method_called_too_often_is_held_back(room: Room) -> None:
    for number in range(20):
        room.api.conversations_create(name=f"inc-{number}")
    with pytest.raises(SlackApiError) as caught:
        room.api.conversations_create(name="one-too-many")
    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    room.api.chat_postMessage(channel=ADA, text="Others go on")


def test_a_script_lets_methods_fail(room: Room) -> None:
    room.put("script", {"chat.postMessage": {"error": "fatal_error", "done": True, "count": 1}})
    assert refusal(room.api.chat_postMessage, channel=ADA, text="Twice?") == "fatal_error"
    assert len(room.messages(ADA)) == 1, "it was done all the same"
    room.api.chat_postMessage(channel=ADA, text="Well again")
    assert room.http.put(f"{room.url}/api/slack/script", json={"x": {"http": "no"}}).status_code == 400
