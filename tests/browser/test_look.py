"""The look in a real browser: readable by everyone, on a phone and a desk, by day and by night, and light to load."""

from __future__ import annotations

from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from people.models import Person
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

HEAVIEST_VISIT = 150_000
"""Bytes of a first visit before compression: page, style, scripts, drawings."""


def faults_by_day_and_night_on_phone_and_desk(page: Page) -> list[str]:
    """Look at one page in both themes and both sizes."""
    faults = []
    for scheme in ("light", "dark"):
        for size in (PHONE, DESK):
            page.emulate_media(color_scheme=cast(Any, scheme), reduced_motion="reduce")
            page.set_viewport_size(cast(Any, size))
            faults += [f"{scheme} {size['width']}: {fault}" for fault in accessibility_faults(page)]
    return faults


@pytest.mark.parametrize(
    "path", ["/look/", "/look/icons/", "/accounts/2fa/", "/accounts/email/", "/accounts/sessions/", "/accounts/logout/"]
)
def test_pages_have_no_accessibility_faults(open_page: OpenPage, stream: str, otto: Person, path: str) -> None:
    assert faults_by_day_and_night_on_phone_and_desk(open_page(path, person=otto)) == []


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/"])
def test_the_gate_has_no_accessibility_faults(open_page: OpenPage, path: str) -> None:
    assert faults_by_day_and_night_on_phone_and_desk(open_page(path)) == []


def test_a_page_that_is_missing_has_no_accessibility_faults(open_page: OpenPage) -> None:
    page = open_page("/no/such/page/", expected="404")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert faults_by_day_and_night_on_phone_and_desk(page) == []


def test_open_sheets_have_no_accessibility_faults(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, size=PHONE)
    page.get_by_role("button", name="Your account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("dialog", name="Hand over command?")).to_be_visible()
    assert accessibility_faults(page) == []


def weight(page: Page) -> dict[str, int]:
    """Return the uncompressed bytes of everything the page loaded, by address."""
    entries: list[list[Any]] = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        ".map(entry => [entry.name, entry.decodedBodySize])"
    )
    return dict(entries)


def test_a_first_visit_is_light(open_page: OpenPage, stream: str, otto: Person) -> None:
    for page in (open_page("/accounts/login/"), open_page("/look/", person=otto)):
        page.wait_for_timeout(500)
        loaded = weight(page)
        assert any("muster.css" in name for name in loaded)
        assert sum(loaded.values()) < HEAVIEST_VISIT, loaded


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_has_to_be_scrolled_sideways(open_page: OpenPage, stream: str, otto: Person, width: int) -> None:
    """WCAG 2.2, 1.4.10: at 320 px, which is also 1280 px at 400 % zoom."""
    page = open_page("/look/", person=otto, size={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_targets_are_big_enough_for_a_thumb(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, size=PHONE)
    small = page.evaluate(
        "[...document.querySelectorAll('.dock a, .dock button, .button:not(.slim), .menu a, .tabs a')]"
        ".filter(target => target.offsetParent && target.getBoundingClientRect().height < 44)"
        ".map(target => target.outerHTML.slice(0, 120))"
    )
    assert small == []
    acknowledge = page.get_by_role("button", name="Acknowledge").bounding_box()
    assert acknowledge is not None
    assert acknowledge["height"] >= 72


def test_a_readers_choice_beats_the_system(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    by_day = page.evaluate(paper)
    page.locator(".rail .self").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.wait_for_url("**/look/")
    assert page.evaluate(paper) != by_day
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_every_move_works_without_a_script(open_page: OpenPage, otto: Person) -> None:
    page = open_page("/look/", person=otto, size=PHONE, script=False)
    expect(page.get_by_role("dialog", name="Hand over command?")).to_be_hidden()
    page.get_by_role("button", name="Hand over").click()
    page.get_by_role("dialog").get_by_role("button", name="Ask Olga").click()
    expect(page.get_by_text("Done. This page only shows")).to_be_visible()
    expect(page.locator("[data-live-mark]").first).to_be_hidden()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("Done. This page only shows")).to_be_visible()


def test_the_keyboard_reaches_the_content_first(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_paper_is_light_and_holds_only_the_content(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    for left_out in (".rail", ".dock", "#account-menu", ".button.main"):
        expect(page.locator(left_out).first).to_be_hidden()
