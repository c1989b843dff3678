"""The workspace's page in a real Chromium: people read, type commands, press and fill windows in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.simulator.customer import eventually
from tests.simulator.slack.conftest import Room
from tests.simulator.slack.test_acting import BUTTON, MODAL
from tests.simulator.slack.test_web_api import ADA, VIC
from tests.simulator.test_page import AXE, DESK, PHONE, chromium

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
HEADER: dict[str, Any] = {"type": "header", "text": {"type": "plain_text", "text": "SEV1 1042: Power lost <b>"}}
TEXT = {"type": "mrkdwn"}
SECTION: dict[str, Any] = {
    "type": "section",
    "text": {"type": "mrkdwn", "text": f"Called: <@{ADA}>. Hall 2 &amp; hall 3"},
}
FIELDS: dict[str, Any] = {
    "type": "section",
    "fields": [{"type": "mrkdwn", "text": "*Commander*"}, {"type": "mrkdwn", "text": "Nobody"}],
}


@pytest.fixture
def screen(chromium: Browser, room: Room) -> Iterator[Callable[..., Page]]:
    """Opens the page as Ada; whatever its console complains about fails the test."""
    contexts, complaints = [], []

    def opened(size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{room.url}/slack/")
        expect(page.locator("#link")).to_have_text("Connected")
        page.get_by_label("I am").select_option("Ada")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_command_is_typed_and_its_answer_read(screen: Callable[..., Page], room: Room) -> None:
    room.app.answers["/slack/commands"] = {"response_type": "ephemeral", "text": "Nothing is open"}
    page = screen()
    page.get_by_label("Message").fill("/incident list")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Nothing is open")).to_be_visible()
    expect(page.get_by_text("only you see this")).to_be_visible()


def test_a_message_is_read_and_its_button_pressed(screen: Callable[..., Page], room: Room) -> None:
    page = screen(PHONE)
    blocks = [HEADER, SECTION, FIELDS, {"type": "actions", "elements": [BUTTON]}]
    room.api.chat_postMessage(channel=ADA, text="Power lost", blocks=blocks)
    page.get_by_role("button", name="Messages, 1 unread").click()
    expect(page.get_by_text("SEV1 1042: Power lost <b>")).to_be_visible()
    expect(page.get_by_text("Called: @Ada. Hall 2 & hall 3")).to_be_visible()
    expect(page.get_by_role("button", name="Messages", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take it").click()
    eventually(lambda: any(body.get("type") == "block_actions" for _path, body, _genuine, _retry in room.app.came))


def test_a_window_is_filled_in_and_says_what_is_wrong(screen: Callable[..., Page], room: Room) -> None:
    page = screen()
    page.get_by_label("Message").fill("/incident")
    page.get_by_role("button", name="Send").click()
    eventually(lambda: room.app.came)
    room.api.views_open(trigger_id=room.app.came[-1][1]["trigger_id"], view=MODAL)
    window = page.get_by_role("dialog")
    expect(window.get_by_role("heading", name="Declare")).to_be_visible()
    room.app.answers["/slack/interactions"] = {"response_action": "errors", "errors": {"title": "Say where."}}
    window.get_by_label("Title").fill("Power lost")
    window.get_by_role("button", name="Declare").click()
    expect(window.get_by_role("alert")).to_have_text("Say where.")
    room.app.answers.clear()
    expect(window.get_by_label("Title")).to_have_value("Power lost")
    window.get_by_role("button", name="Declare").click()
    expect(window).to_be_hidden()
    assert room.app.came[-1][1]["view"]["state"]["values"]["title"]["value"]["value"] == "Power lost"


def test_what_slack_marks_up_is_read_as_it_is_meant(screen: Callable[..., Page], room: Room) -> None:
    text = (
        "*Status* Investigating since <!date^1764000000^{date_short_pretty} {time}|2025-11-24 16:00 UTC>\n"
        "> quoted <b>\nsee <http://127.0.0.1:8000/incidents/1042/|the room> and <#C0INCIDENTS> :pushpin:"
    ).replace("<b>", "&lt;b&gt;")
    room.api.chat_postMessage(channel=ADA, text="Power lost", blocks=[{**SECTION, "text": {**TEXT, "text": text}}])
    page = screen()
    page.get_by_role("button", name="Messages").click()
    said = page.get_by_role("listitem").filter(has_text="Investigating")
    expect(said.locator("strong", has_text="Status")).to_be_visible()
    expect(said.locator("time[datetime='2025-11-24T16:00:00.000Z']")).to_be_visible()
    expect(said.locator("blockquote")).to_have_text("quoted <b>")
    expect(said.get_by_role("link", name="the room")).to_have_attribute("href", "http://127.0.0.1:8000/incidents/1042/")
    expect(said).to_contain_text("📌")
    for raw in ("<!", "*Status*", "&lt;", "{time}", "C0INCIDENTS"):
        expect(said).not_to_contain_text(raw)
    said.get_by_role("button", name="#incidents").click()
    expect(page.get_by_role("heading", name="# incidents")).to_be_visible()


def test_people_are_named_in_a_command_as_slack_names_them(screen: Callable[..., Page], room: Room) -> None:
    page = screen()
    page.get_by_label("Message").fill("/incident page @vic Power & cooling")
    page.get_by_role("button", name="Send").click()
    eventually(lambda: room.app.came)
    assert room.app.came[-1][1]["text"] == f"page <@{VIC}|vic> Power &amp; cooling"


def test_who_is_chosen_sees_their_own_screen(screen: Callable[..., Page], room: Room) -> None:
    """Also right after another one's, whose screen was being waited for."""
    made = room.post("channels", name="inc-1042", members=[VIC])
    page = screen()
    expect(page.get_by_role("button", name="# inc-1042")).to_have_count(0)
    page.get_by_label("I am").select_option("Vic")
    room.post("say", user=VIC, channel=made["id"], text="Only for us")
    page.get_by_role("button", name="# inc-1042").click()
    expect(page.get_by_text("Only for us")).to_be_visible()
    page.get_by_label("I am").select_option("Ada")
    expect(page.get_by_role("button", name="# inc-1042")).to_have_count(0)
    expect(page.get_by_text("Only for us")).to_have_count(0)


def test_a_message_has_its_menu(screen: Callable[..., Page], room: Room) -> None:
    room.post("say", user=VIC, channel="general", text="Fans at full speed")
    page = screen()
    said = page.get_by_role("listitem").filter(has_text="Fans at full speed")
    said.get_by_title("More").click()
    said.get_by_role("button", name="Pin reaction").click()
    expect(said.get_by_role("button", name="pushpin, 1")).to_be_visible()
    said.get_by_title("More").click()
    said.get_by_role("button", name="Declare from this message").click()
    eventually(lambda: any(body.get("callback_id") == "declare_from_message" for _path, body, *_rest in room.app.came))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(screen: Callable[..., Page], room: Room, size: dict[str, int]) -> None:
    room.api.chat_postMessage(
        channel=ADA, text="x", blocks=[HEADER, SECTION, {"type": "actions", "elements": [BUTTON]}]
    )
    page = screen(size)
    page.get_by_role("button", name="Messages").click()
    expect(page.get_by_role("button", name="Take it")).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(result => result.violations.map(each => each.id + ' ' + each.nodes[0].html))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
