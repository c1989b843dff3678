"""Screens that refresh themselves, against the real stream process, and without it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from people.models import Person
from tests.browser.conftest import PHONE, OpenPage
from web.live import changed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

WITHIN_MS = 3_000


def grow_old(page: Page) -> None:
    """Make the screen show something that is no longer so."""
    page.evaluate("document.getElementById('room-title').textContent = 'Old news'")


def is_fresh(page: Page, *, within_ms: int = WITHIN_MS) -> None:
    """Wait until the server's words are back."""
    expect(page.locator("#room-title")).to_have_text("Customer database read from outside", timeout=within_ms)


def mark(page: Page) -> str:
    """Return the selector of the mark that can be seen at this width."""
    return (
        ".rail [data-live-mark]"
        if page.viewport_size and page.viewport_size["width"] > 960
        else ".top [data-live-mark]"
    )


def settled(page: Page) -> None:
    """Wait until the stream is open and the refresh that comes with it is over."""
    expect(page.locator(mark(page))).to_have_text("Live")
    page.wait_for_timeout(600)


def test_a_change_shows_within_a_moment(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    settled(page)
    grow_old(page)
    changed("incidents")
    is_fresh(page)


def test_news_of_other_things_fetch_nothing(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    settled(page)
    grow_old(page)
    changed("incident:another")
    page.wait_for_timeout(800)
    expect(page.locator("#room-title")).to_have_text("Old news")


def test_a_refresh_leaves_the_reader_alone(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, size=PHONE)
    settled(page)
    page.get_by_text("More settings").click()
    page.get_by_label("What you know").fill("The replica in rack 4")
    title = page.get_by_label("What happens?")
    title.fill("Half a sent")
    title.focus()
    page.keyboard.press("ArrowLeft")
    scroll = page.evaluate("scrollY")
    grow_old(page)
    changed("incidents")
    is_fresh(page)
    expect(title).to_be_focused()
    page.keyboard.type("X")
    expect(title).to_have_value("Half a senXt")
    expect(page.get_by_label("What you know")).to_have_value("The replica in rack 4")
    expect(page.get_by_text("What few people need")).to_be_visible()
    assert page.evaluate("scrollY") == scroll


def test_a_storm_of_changes_becomes_few_requests(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    settled(page)
    fetches: list[str] = []
    page.on("request", lambda request: fetches.append(request.url) if request.url.endswith("/look/") else None)
    for _ in range(20):
        changed("incidents")
        page.wait_for_timeout(40)
    page.wait_for_timeout(600)
    # 0.8 s of news, fetched at most once in 250 ms.
    assert 2 <= len(fetches) <= 6


def test_an_open_sheet_stays_open(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    settled(page)
    page.get_by_role("button", name="Hand over").click()
    grow_old(page)
    changed("incidents")
    is_fresh(page)
    expect(page.get_by_role("dialog", name="Hand over command?")).to_be_visible()


def test_without_the_stream_the_screen_asks_every_5_s(open_page: OpenPage, no_stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, expected="ERR_")
    expect(page.locator(mark(page))).to_have_text("Every 5 s", timeout=WITHIN_MS)
    grow_old(page)
    is_fresh(page, within_ms=7_000)


def test_no_connection_is_said_and_mended(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, expected="ERR_INTERNET_DISCONNECTED")
    settled(page)
    page.context.set_offline(True)
    expect(page.locator(mark(page))).to_have_text("Offline")
    expect(page.locator("#announce")).to_contain_text("No connection")
    grow_old(page)
    page.context.set_offline(False)
    is_fresh(page, within_ms=7_000)
    expect(page.locator(mark(page))).to_have_text("Live")


def test_fragments_of_htmx_follow_the_same_news_and_leave_the_reader_alone(
    open_page: OpenPage, stream: str, otto: Person
) -> None:
    page = open_page("/look/", person=otto)
    settled(page)
    assert page.evaluate("window.htmx === undefined")  # nothing asks for it so far
    page.evaluate(
        "() => { window.before = document.getElementById('forms'); const asker = document.createElement('div');"
        " for (const [name, value] of Object.entries({'data-live': 'person:otto', 'hx-get': '/look/', 'hx-select':"
        " '#forms', 'hx-target': '#forms', 'hx-swap': 'morph', 'hx-trigger': 'muster:changed'}))"
        " asker.setAttribute(name, value); document.getElementById('main').append(asker); }"
    )
    page.get_by_label("What you know").fill("The replica in rack 4")
    # The screen notices a new subject when it refreshes next, and asks the stream for it.
    with page.expect_request(lambda request: "subject=person%3Aotto" in request.url and "ticket=" in request.url):
        changed("incidents")
    settled(page)
    assert page.evaluate("[htmx.config.allowEval, htmx.config.includeIndicatorStyles]") == [False, False]
    page.evaluate("document.getElementById('forms-title').textContent = 'Old news'")
    with page.expect_request(lambda request: "hx-request" in request.headers):
        changed("person:otto")
    expect(page.locator("#forms-title")).to_have_text("Forms", timeout=WITHIN_MS)
    expect(page.get_by_label("What you know")).to_have_value("The replica in rack 4")
    assert page.evaluate("window.before === document.getElementById('forms')")
