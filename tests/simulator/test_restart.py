"""What was received outlives a restart; the process starts and stops cleanly."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from simulator.settings import Settings
from simulator.shelf import Bell
from simulator.slack.keeping import Keeping
from simulator.slack.workspace import Workspace
from tests.simulator.customer import ACCOUNT, ADA, TOKEN, VIC, Customer, Loop, eventually, peer_of

PEOPLE = {
    "people": [
        {"name": "Ada", "title": "CEO", "phone": ADA, "email": "Ada@harbor.example", "password": "not shown"},
        {"name": "Vic", "phone": None},
        {"title": "nobody"},
    ]
}
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def test_a_restart_keeps_what_was_received(customer: Customer, loop: Loop, tmp_path: Path) -> None:
    with peer_of(customer, loop=loop, folder=tmp_path) as peer:
        peer.put("contacts", {ADA: {"name": "Ada", "title": "CEO"}})
        delivered, cleared = peer.text("kept"), peer.call(twiml="<Response><Say>Hear.</Say></Response>")
        peer.wait_for_message(delivered, "delivered")
        peer.answer(cleared)
        before = peer.get(f"messages/{delivered}")
        peer.post(f"messages/{delivered}/reply", body="STOP")
    with peer_of(customer, loop=loop, folder=tmp_path) as peer:
        after = peer.get(f"messages/{delivered}")
        assert {**after, "seq": 0} == {**before, "seq": 0}
        assert peer.get(f"calls/{cleared}")["text"] == "Hear."
        assert peer.get("contacts")[ADA] == {"name": "Ada", "title": "CEO"}
        refused = peer.http.post(
            f"{peer.url}{MESSAGES}",
            auth=(ACCOUNT, TOKEN),
            data={"To": ADA, "From": "+15005550006", "Body": "x"},
        )
        assert refused.json()["code"] == 21610
        peer.delete("calls")
    with peer_of(customer, loop=loop, folder=tmp_path) as peer:
        assert peer.get("calls")["items"] == []
        assert len(peer.get("messages")["items"]) == 2


def test_the_page_is_told_which_numbers_can_be_called(customer: Customer, loop: Loop, tmp_path: Path) -> None:
    file = tmp_path / "company.json"
    file.write_text(json.dumps({"lines": [{"name": "Emergencies", "number": "+12025550199"}, {"name": "No number"}]}))
    with (
        peer_of(customer, loop=loop, contacts=file) as peer,
        peer.http.stream("GET", f"{peer.url}/api/changes") as changes,
    ):
        first = next(line for line in changes.iter_lines() if line.startswith("data: "))
        told = json.loads(first.removeprefix("data: "))
        assert told["lines"] == {"+12025550199": {"name": "Emergencies"}}
        assert told["app"] == ""
        assert peer.http.get(f"{peer.url}/page/main.js").headers["Cache-Control"] == "no-cache"
    assert Settings(account_sid=ACCOUNT, auth_token=TOKEN).app_url == "http://127.0.0.1:8000"


def test_a_restart_keeps_the_workspace(customer: Customer, loop: Loop, tmp_path: Path) -> None:
    workspace: dict[str, Any] = {"loop": loop, "folder": tmp_path, "slack_bot_token": "xoxb-of-a-test"}
    with peer_of(customer, **workspace) as peer:
        app = WebClient(token="xoxb-of-a-test", base_url=f"{peer.url}/slack/api/", retry_handlers=[])
        made = app.conversations_create(name="inc-1042")["channel"]["id"]
        posted = app.chat_postMessage(channel=made, text="Power lost")["ts"]
        app.pins_add(channel=made, timestamp=posted)
    with peer_of(customer, **workspace) as peer:
        app = WebClient(token="xoxb-of-a-test", base_url=f"{peer.url}/slack/api/", retry_handlers=[])
        app.chat_update(channel=made, ts=posted, text="Power is back")
        assert [each["message"]["ts"] for each in app.pins_list(channel=made)["items"]] == [posted]
        assert [each["text"] for each in app.conversations_history(channel=made)["messages"]] == ["Power is back"]
        with pytest.raises(SlackApiError, match="name_taken"):
            app.conversations_create(name="inc-1042")
    (tmp_path / "workspace.json").write_text("{torn")
    with peer_of(customer, **workspace) as peer:
        assert {each["name"] for each in peer.get("slack/channels")["items"]} == {"general", "incidents"}


def test_a_workspace_that_cannot_be_kept_is_kept_later(tmp_path: Path) -> None:
    room = Workspace(bell=Bell())
    kept = Keeping(room=room, folder=tmp_path / "simulator")
    (tmp_path / "simulator").write_text("in the way")
    kept.write()
    (tmp_path / "simulator").unlink()
    kept.write()
    assert json.loads((tmp_path / "simulator" / "workspace.json").read_text())["channels"][0]["name"] == "general"


def test_calls_and_messages_on_their_way_end_after_a_restart(customer: Customer, loop: Loop, tmp_path: Path) -> None:
    with peer_of(customer, loop=loop, folder=tmp_path) as peer:
        call = peer.call(status_callback=f"{customer.url}/status")
        peer.put("script", {VIC: {"delay_s": 60}})
        message = peer.text(to=VIC)
        peer.wait_for_call(call, "ringing")
        peer.wait_for_message(message, "sent")
    with peer_of(customer, loop=loop, folder=tmp_path) as peer:
        peer.wait_for_call(call, "failed")
        peer.wait_for_message(message, "delivered")
        eventually(lambda: customer.states()[-1:] == ["failed"])


def test_a_torn_line_is_passed_over(customer: Customer, loop: Loop, tmp_path: Path) -> None:
    with peer_of(customer, loop=loop, folder=tmp_path) as peer:
        sid = peer.text("kept")
        peer.wait_for_message(sid, "delivered")
    with (tmp_path / "received.jsonl").open("a") as journal:
        journal.write('{"kind": "message", "row": {"sid": "SM')
    with peer_of(customer, loop=loop, folder=tmp_path) as peer:
        assert peer.get(f"messages/{sid}")["text"] == "kept"


def _process(**environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", "--smtp-port", "0"],
        env={"PATH": os.environ["PATH"], "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, **environment},
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_process_serves_and_leaves_on_sigterm(tmp_path: Path) -> None:
    """A held answer, a waiting list and an open page don't keep it."""
    with _process(SIMULATOR_DATA=str(tmp_path / "data")) as process, httpx.Client(timeout=20) as http:
        assert process.stderr is not None
        told = process.stderr.readline()
        url = told.split()[2].rstrip("/,")
        assert http.get(f"{url}/healthz").json() == {"status": "ok"}
        http.put(f"{url}/api/script", json={"*": {"hang_s": 60}}).raise_for_status()
        message = {"To": ADA, "From": "+15005550006", "Body": "x"}
        held: list[Callable[[], httpx.Response]] = [
            lambda: http.get(f"{url}/api/changes"),
            lambda: http.get(f"{url}/api/mail?wait_s=60"),
            lambda: http.post(f"{url}{MESSAGES}", auth=(ACCOUNT, TOKEN), data=message),
        ]
        waiting = [threading.Thread(target=_until_it_ends, args=(ask,)) for ask in held]
        for thread in waiting:
            thread.start()
        eventually(lambda: http.get(f"{url}/api/requests?state=answering").json()["items"])
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        assert time.monotonic() - began < 3
        for thread in waiting:
            thread.join()
        assert TOKEN not in told + process.stderr.read()


def _until_it_ends(ask: Callable[[], httpx.Response]) -> None:
    with suppress(httpx.TransportError):
        ask()


@pytest.mark.parametrize(
    ("environment", "status", "name"),
    [({"SIMULATOR_HOST": "0.0.0.0"}, 2, "SIMULATOR_HOST"), ({"TWILIO_AUTH_TOKEN": ""}, 2, "TWILIO_AUTH_TOKEN")],  # noqa: S104
)
def test_a_wrong_start_ends_with_the_settings_name(environment: dict[str, str], status: int, name: str) -> None:
    with _process(**environment) as process:
        assert process.stderr is not None
        assert process.wait(timeout=10) == status
        assert process.stderr.read().startswith(name)


def test_names_come_from_a_file_that_appears_later(customer: Customer, loop: Loop, tmp_path: Path) -> None:
    file = tmp_path / "company.json"
    with peer_of(customer, loop=loop, contacts=file) as peer:
        assert peer.get("contacts") == {}
        file.write_text(json.dumps(PEOPLE))
        ada = {"name": "Ada", "title": "CEO"}
        assert peer.get("contacts") == {ADA: ada, "ada@harbor.example": ada}
        for text in ("{", "[]", '{"people": {}}'):
            file.write_text(text)
            assert peer.get("contacts")[ADA] == ada, "names once read stay"
