"""The demonstration as somebody without any account plays it: every hand of theirs is on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESK
from tests.product import Product, running_product

pytestmark = [pytest.mark.browser]
SOON: Final = 60_000
"""Milliseconds: far more than anything here takes, on a machine that does other things too."""
TITLE: Final = "Customer database read from outside"


@pytest.fixture(scope="module")
def started() -> Iterator[Product]:
    with running_product() as product:
        yield product


@pytest.fixture
def product(started: Product) -> Iterator[Product]:
    """The product with silent phones, and silent ones again afterwards."""
    started.phones.forget_everything()
    yield started
    for run in started.items("/runs?state=running"):
        started.post(f"/runs/{run['id']}/stop", {"how": "now"})
    started.all_quiet()


class Desk:
    """Somebody at a computer with several windows; what went wrong on the simulator's pages is in `troubles`."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.product = product
        self.troubles: list[str] = []
        self._context = browser.new_context(viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]
        self._context.set_default_timeout(SOON)

    def close(self) -> None:
        self._context.close()

    def open(self, address: str) -> Page:
        """Open a window."""
        page = self._context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.goto(address)
        return page

    def room(self, name: str, number: int) -> Page:
        """Sign in as somebody and open an incident's room."""
        page, person = self.open(self.product.url), self.product.people[name]
        page.locator("input[name=login]").fill(person["email"])
        page.locator("input[name=password]").fill(person["password"])
        page.locator("form:has(input[name=password]) button[type=submit]").click()
        expect(page.get_by_role("link", name="Incidents").first).to_be_visible(timeout=SOON)
        page.goto(f"{self.product.url}/incidents/{number}/")
        return page


@pytest.fixture
def desk(chromium: Browser, product: Product) -> Iterator[Desk]:
    desk = Desk(chromium, product)
    yield desk
    desk.close()
    assert desk.troubles == []


def sees(place: Page | Locator, words: str) -> None:
    """Wait until words can be read."""
    expect(place.get_by_text(words).first).to_be_visible(timeout=SOON)


def phone_of(phones: Page, person: dict[str, str]) -> Locator:
    return phones.get_by_role("article", name=f"Phone of {person['name']}", exact=True)


def declare_in_slack(slack: Page, person: dict[str, str], title: str) -> None:
    slack.get_by_label("I am").select_option(f"{person['name']}, {person['title']}")
    slack.get_by_label("Message", exact=True).fill("/incident")
    slack.get_by_role("button", name="Send", exact=True).click()
    window = slack.get_by_role("dialog")
    window.get_by_label("What is wrong?").fill(title)
    severity = window.get_by_label("How bad is it?")
    severity.select_option(severity.locator("option", has_text="SEV1").get_attribute("value"))
    window.get_by_role("button", name="Declare").click()
    expect(window).to_be_hidden(timeout=SOON)


def test_an_incident_from_slack_over_the_bridge_to_an_approval_by_text(desk: Desk, product: Product) -> None:
    """Declared in Slack, two leaders join the bridge by key, one approves by text, and the room shows all of it."""
    on_call, ada, vic = (product.people[name] for name in (product.on_call(), "Ada", "Vic"))
    phones, slack = desk.open(product.facts["simulator"]), desk.open(product.facts["slack"])
    expect(phone_of(phones, ada)).to_be_visible(timeout=SOON)
    sees(slack, "Connected")

    declare_in_slack(slack, on_call, TITLE)
    for person in (ada, vic):
        phone_of(phones, person).get_by_role("button", name="Answer", exact=True).click()
    for person in (ada, vic):
        phone_of(phones, person).get_by_role("button", name="4", exact=True).click()
        sees(phone_of(phones, person), "Joined the conference.")
    sees(phone_of(phones, ada), f"On the line with {vic['name']}")

    (incident,) = product.items("/incidents?status=open")
    number = incident["number"]
    room = desk.room(product.on_call(), number)
    for person in (ada, vic):
        there = room.get_by_role("listitem").filter(has_text=person["name"]).filter(has_text="On the line")
        expect(there.first).to_be_visible(timeout=SOON)

    room.get_by_role("listitem").filter(has_text="Freeze of all changes").get_by_role("link", name="Start").click()
    room.get_by_role("button", name="Start", exact=True).click()
    asked = product.wait(lambda: approval_asked(product, vic), what="The question by text")
    phone = phone_of(phones, vic)
    phone.get_by_role("button", name="Texts", exact=True).click()
    phone.get_by_label(f"Text from {vic['name']}").fill(f"approve {asked}")
    phone.get_by_role("button", name="Send", exact=True).click()
    sees(phone, "You approved “Stop every change”")
    phone.get_by_role("button", name="Call", exact=True).click()

    room.goto(f"{product.url}/incidents/{number}/")
    for told in (
        f"{on_call['name']} declared a SEV1 in Slack",
        f"{ada['name']} joined the bridge",
        f"{vic['name']} joined the bridge",
        f"{vic['name']} approved by text message",
    ):
        sees(room, told)

    slack.get_by_role("button", name=re.compile(rf"^# inc-{number}-customer-database")).click()
    summary = slack.get_by_role("listitem").filter(has_text="pinned")
    sees(summary, f"SEV1 {number}: {TITLE}")
    sees(summary, f"{vic['name']} approved by text message")
    slack.get_by_text(re.compile(r"^\d+ people$")).click()
    expect(slack.locator("#members-names")).to_contain_text(ada["name"], timeout=SOON)
    slack.get_by_role("button", name=re.compile("^# incidents")).click()
    sees(slack.get_by_role("listitem"), TITLE)
    for person in (ada, vic):
        phone_of(phones, person).get_by_role("button", name="Hang up").click()
    left = room.get_by_text(f"{ada['name']} left the bridge")
    expect(left.first).to_be_visible(timeout=SOON)


def test_a_customer_calls_the_line_and_talks_to_who_is_on_call(desk: Desk, product: Product) -> None:
    """Somebody dials the company's number, chooses by key, and the first who presses 1 has the call."""
    (line,) = product.facts["lines"]
    on_call, sue = product.people[product.on_call()], product.people["Sue"]
    phones = desk.open(product.facts["simulator"])
    customer, engineer = phone_of(phones, sue), phone_of(phones, on_call)
    customer.get_by_label(f"Number that {sue['name']} calls").fill(line["number"])
    customer.get_by_role("button", name="Call in").click()
    sees(customer, "For VPS, press 2.")
    customer.get_by_role("button", name="2", exact=True).click()
    engineer.get_by_role("button", name="Answer", exact=True).click()
    sees(engineer, "A caller needs help with VPS.")
    engineer.get_by_role("button", name="1", exact=True).click()
    engineer.get_by_label(f"{on_call['name']} says").fill("How can I help?")
    engineer.get_by_role("button", name="Say it").click()
    sees(customer, f"{on_call['name']}: How can I help?")
    customer.get_by_role("button", name="Hang up").click()
    expect(engineer.get_by_role("button", name="Hang up")).to_be_hidden(timeout=SOON)


def approval_asked(product: Product, person: dict[str, str]) -> str:
    """Return the code of the newest text that asks somebody to approve, "" before there is one."""
    found = [re.search(r"APPROVE (\d+)", each["text"]) for each in product.phones.all("messages", to=person["phone"])]
    return next((each.group(1) for each in reversed(found) if each), "")
