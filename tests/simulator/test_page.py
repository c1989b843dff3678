"""The page in a real Chromium: phones ring, are answered and pressed; mail is read; nothing complains."""

import os
import shutil
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.programs import program
from tests.simulator.customer import ADA, MUSTER, VIC, Peer, eventually

AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe.min.js"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
ASK = (
    '<Response><Gather numDigits="1" action="/keys" timeout="20"><Say>Incident 1042. Press 1.</Say></Gather></Response>'
)
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or program("chromium", package="chromium")
    # Playwright keeps a loop in this thread, which Django elsewhere in the run would mistake for its own.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        # Inside that loop Django keeps connections of its own: what another file's tests did to them is not ours.
        connections.close_all()
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: Browser, peer: Peer) -> Iterator[Opener]:
    """Opens the page; whatever its console complains about fails the test."""
    contexts = []
    complaints: list[str] = []

    def opened(path: str = "/", *, size: Any = DESK, scheme: Any = "light") -> Page:
        context = chromium.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{peer.url}{path}")
        expect(page.get_by_text("Live", exact=True).filter(visible=True).first).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def named(peer: Peer) -> None:
    peer.put(
        "contacts",
        {
            ADA: {"name": "Ada", "title": "CEO"},
            VIC: {"name": "Vic", "title": "VP Operations"},
            MUSTER: {"name": "Muster"},
            "ada@harbor.example": {"name": "Ada", "title": "CEO"},
        },
    )


def send_mail(peer: Peer) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "muster@harbor.example", "ada@harbor.example", "SEV1 1042"
    message.set_content("Acknowledge: http://127.0.0.1:8000/p/9x2k")
    message.add_alternative("<p>Read <a href='http://127.0.0.1:8000/p/9x2k'>this</a></p>", subtype="html")
    with SMTP("127.0.0.1", peer.smtp_port) as smtp:
        smtp.send_message(message)


def test_a_person_answers_and_presses(peer: Peer, named: None, open_page: Opener) -> None:
    peer.customer.answers |= {"/answer": ASK, "/keys": "<Response><Say>Thank you.</Say></Response>"}
    page = open_page()
    sid = peer.call()
    phone = page.get_by_role("article", name="Phone of Ada")
    expect(phone.get_by_text("Incoming call").filter(visible=True).first).to_be_visible()
    expect(page.get_by_text("1 phone rings").filter(visible=True).first).to_be_visible()
    phone.get_by_role("button", name="Answer", exact=True).click()
    expect(phone.get_by_text("Incident 1042. Press 1.").filter(visible=True).first).to_be_visible()
    phone.get_by_role("button", name="1", exact=True).click()
    expect(phone.get_by_text("Answered, pressed 1").filter(visible=True).first).to_be_visible()
    assert peer.wait_for_call(sid, "completed")["digits"] == "1"


@pytest.mark.parametrize(("button", "state"), [("Busy", "busy"), ("Ignore", "no-answer"), ("Voicemail", "completed")])
def test_a_person_refuses(peer: Peer, named: None, open_page: Opener, button: str, state: str) -> None:
    page = open_page()
    sid = peer.call(twiml="<Response><Say>x</Say></Response>")
    page.get_by_role("article", name="Phone of Ada").get_by_role("button", name=button, exact=True).click()
    peer.wait_for_call(sid, state)


def test_a_person_texts_back(peer: Peer, named: None, open_page: Opener) -> None:
    peer.customer.answers["/sms"] = "<Response><Message>Acknowledged 1042.</Message></Response>"
    page = open_page()
    peer.text("Reply 4711 or http://127.0.0.1:8000/p/9x2k <b>now</b>")
    phone = page.get_by_role("article", name="Phone of Ada")
    link = phone.get_by_role("link", name="http://127.0.0.1:8000/p/9x2k")
    expect(link).to_have_attribute("target", "_blank")
    expect(phone.get_by_text("<b>now</b>").filter(visible=True).first).to_be_visible()
    phone.get_by_label("Text from Ada").fill("4711")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("Acknowledged 1042.").filter(visible=True).first).to_be_visible()
    assert peer.customer.forms("/sms")[0]["Body"] == "4711"


def test_a_person_calls_in_and_hangs_up(peer: Peer, named: None, open_page: Opener) -> None:
    peer.customer.answers["/voice"] = ASK
    page = open_page()
    phone = page.get_by_role("article", name="Phone of Vic")
    phone.get_by_role("button", name="Call in").click()
    expect(phone.get_by_text("Incident 1042. Press 1.").filter(visible=True).first).to_be_visible()
    phone.get_by_role("button", name="Hang up").click()
    expect(phone.get_by_text("Called in", exact=True).filter(visible=True).first).to_be_visible()


def test_a_habit_is_chosen(peer: Peer, named: None, open_page: Opener) -> None:
    page = open_page()
    page.get_by_role("article", name="Phone of Vic").get_by_label("When reached").select_option("Is busy")
    eventually(lambda: peer.get("script") == {VIC: {"busy": True}})
    peer.put("script", {VIC: {"http": [503, 503]}})
    select = page.get_by_role("article", name="Phone of Vic").get_by_label("When reached")
    select.blur()
    expect(select).to_have_value("other")


def test_mail_is_read(peer: Peer, named: None, open_page: Opener) -> None:
    send_mail(peer)
    page = open_page("/#mail")
    page.get_by_role("link", name="SEV1 1042").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name="this")).to_be_visible()
    page.get_by_role("button", name="Text").click()
    expect(page.get_by_role("link", name="http://127.0.0.1:8000/p/9x2k", exact=True)).to_be_visible()
    page.get_by_role("button", name="Clear mail").click()
    expect(page.get_by_text("No mail yet").filter(visible=True).first).to_be_visible()


def test_clearing_empties_the_phones(peer: Peer, open_page: Opener) -> None:
    peer.text("a text of before")
    page = open_page()
    expect(page.get_by_text("a text of before").filter(visible=True).first).to_be_visible()
    page.get_by_role("button", name="Clear calls and texts").click()
    expect(page.get_by_text("Nobody was called yet").filter(visible=True).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_it(peer: Peer, named: None, open_page: Opener, size: Any, scheme: str) -> None:
    """axe-core finds nothing, and nothing is wider than the window, with every kind of thing on the page."""
    peer.customer.answers["/answer"] = ASK
    peer.put("script", {VIC: {"undelivered": 30003, "busy": True}})
    sids = [peer.text("Long " * 40, to=ADA), peer.text(to=VIC)]
    peer.wait_for_message(sids[1], "undelivered")
    peer.wait_for_call(peer.call(to=VIC), "busy")
    talking = peer.call(to="+46701000003")
    peer.post(f"calls/{talking}/answer", live=True)
    eventually(lambda: peer.get(f"calls/{talking}")["waits_for_digits"])
    peer.call()
    send_mail(peer)
    page = open_page(size=size, scheme=scheme)
    expect(page.get_by_text("Incoming call").filter(visible=True).first).to_be_visible()
    assert _faults(page) == []
    page.get_by_role("link", name="Mail").click()
    assert _faults(page) == []
    page.get_by_role("link", name="SEV1 1042").click()
    expect(page.get_by_role("heading", name="SEV1 1042")).to_be_visible()
    assert _faults(page) == []


def _faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations'], iframes: false})")
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    found = [f"{rule['id']}: {node['html'][:160]}" for rule in result["violations"] for node in rule["nodes"]]
    return [*found, *(["wider than the window"] if wide else [])]
