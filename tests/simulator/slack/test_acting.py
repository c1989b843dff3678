"""What people do in the workspace, and what the app hears and answers."""

from __future__ import annotations

import json
import threading
from typing import Any

import websocket
from slack_sdk import WebClient

from simulator.slack import triggers
from tests.simulator.customer import eventually
from tests.simulator.slack.conftest import APP, Room
from tests.simulator.slack.test_web_api import ADA, VIC, refusal

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Take it"}, "action_id": "take", "value": "7"}
INPUT = {
    "type": "input",
    "block_id": "title",
    "label": {"type": "plain_text", "text": "Title"},
    "element": {"type": "plain_text_input", "action_id": "value"},
}
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "declare",
    "title": {"type": "plain_text", "text": "Declare"},
    "submit": {"type": "plain_text", "text": "Declare"},
    "blocks": [INPUT],
}


def command(room: Room, text: str = "list") -> Any:
    return room.post("commands", user=ADA, channel="general", command="/incident", text=text)


def test_a_command_is_signed_and_its_answer_is_seen_by_one(room: Room) -> None:
    room.app.answers["/slack/commands"] = {"response_type": "ephemeral", "text": "Nothing is open"}
    assert command(room)["error"] == ""
    ((path, body, genuine, _retry),) = room.app.came
    assert (path, body["command"], body["text"], genuine) == ("/slack/commands", "/incident", "list", True)
    assert [each["text"] for each in room.messages("general", user=ADA)] == ["Nothing is open"]
    assert room.messages("general", user=VIC) == []


def test_the_app_that_does_not_answer_in_three_seconds_is_told_apart(room: Room) -> None:
    room.app.statuses = [500]
    assert command(room)["error"] == "http_error"
    assert "failed with the error" in room.messages("general", user=ADA)[0]["text"]


def test_a_button_brings_its_value_and_a_way_to_answer(room: Room) -> None:
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    posted = room.api.chat_postMessage(channel=ADA, text="Power lost", blocks=blocks)
    assert room.post("click", user=ADA, channel=posted["channel"], ts=posted["ts"], action_id="take")["status"] == 200
    body = room.app.came[-1][1]
    assert (body["type"], body["actions"][0]["value"], body["user"]["id"]) == ("block_actions", "7", ADA)
    for number in range(5):
        answer = room.http.post(body["response_url"], json={"text": f"Taken {number}", "replace_original": True})
        assert answer.text == "ok"
    assert room.http.post(body["response_url"], json={"text": "Once more"}).status_code == 404
    assert [each["text"] for each in room.messages(ADA)] == ["Taken 4"]


def test_a_window_opens_once_by_its_trigger_and_keeps_errors(room: Room) -> None:
    command(room)
    trigger = room.app.came[-1][1]["trigger_id"]
    room.api.views_open(trigger_id=trigger, view=MODAL)
    assert refusal(room.api.views_open, trigger_id=trigger, view=MODAL) == "exchanged_trigger_id"
    (view,) = room.get("views", user=ADA)["items"]
    room.app.answers["/slack/interactions"] = {"response_action": "errors", "errors": {"title": "Say what happened."}}
    room.post("submit", user=ADA, view_id=view["id"], values={"title": {"value": ""}})
    assert room.get("views", user=ADA)["items"][0]["errors"] == {"title": "Say what happened."}
    room.app.answers.clear()
    room.post("submit", user=ADA, view_id=view["id"], values={"title": {"value": "Power lost"}})
    sent = room.app.came[-1][1]["view"]
    assert sent["state"]["values"]["title"]["value"] == {"type": "plain_text_input", "value": "Power lost"}
    assert room.get("views", user=ADA)["items"] == []


def test_a_trigger_is_too_old_after_three_seconds() -> None:
    handed_out = triggers.Triggers()
    trigger = handed_out.trigger(user=ADA, at_s=100.0)
    assert handed_out.use(trigger, at_s=103.1) == "expired_trigger_id"
    assert isinstance(handed_out.use(trigger, at_s=102.9), triggers.Trigger)
    assert handed_out.use("1.2.3", at_s=100.0) == "invalid_trigger_id"


def test_a_window_that_slack_would_refuse(room: Room) -> None:
    command(room)
    trigger = room.app.came[-1][1]["trigger_id"]
    long_title = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    assert refusal(room.api.views_open, trigger_id=trigger, view=long_title) == "invalid_arguments"


def test_an_event_that_is_not_taken_comes_again(room: Room) -> None:
    message = room.post("say", user=ADA, channel="general", text="Power is out")
    room.app.came.clear()
    room.app.statuses = [500]
    room.post("react", user=VIC, channel=message["channel"], ts=message["ts"], name="pushpin")
    first, second = room.app.came
    assert (first[1]["event"]["reaction"], first[3], second[3]) == ("pushpin", "", "1")
    assert first[1]["event_id"] == second[1]["event_id"]
    assert room.messages("general")[0]["reactions"] == [{"name": "pushpin", "users": [VIC], "count": 1}]


def test_the_home_tab_is_published_for_one(room: Room) -> None:
    room.post("home", user=ADA)
    assert room.app.came[-1][1]["event"]["type"] == "app_home_opened"
    room.api.views_publish(user_id=ADA, view={"type": "home", "blocks": []})
    assert room.get("views", user=ADA)["home"]["type"] == "home"
    assert room.get("views", user=VIC)["home"] is None


def test_a_socket_takes_the_place_of_http(room: Room) -> None:
    opener = WebClient(token=APP, base_url=f"{room.url}/slack/api/", retry_handlers=[])
    line = websocket.create_connection(opener.apps_connections_open(app_token=APP)["url"], timeout=10)
    try:
        assert '"hello"' in line.recv()
        answers: list[Any] = []
        typing = threading.Thread(target=lambda: answers.append(command(room)))
        typing.start()
        envelope = json.loads(line.recv())
        assert (envelope["type"], envelope["payload"]["text"]) == ("slash_commands", "list")
        line.send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "By socket"}}))
        typing.join(timeout=10)
        assert (answers[0]["by"], answers[0]["error"], room.app.came) == ("socket", "", [])
        assert room.messages("general", user=ADA)[0]["text"] == "By socket"
        assert room.post("disconnect")["closed"] == 1
        assert '"disconnect"' in line.recv()
    finally:
        line.close()
    eventually(lambda: room.get("state")["sockets"] == 0)
    command(room)
    assert len(room.app.came) == 1
