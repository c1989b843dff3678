"""The customers' page in a real browser: for everyone, on a phone and a desk, by day and by night, with and without
script, in five languages, and when it is a stale copy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from statuspage.rules.languages import LANGUAGES
from tests.browser.conftest import DESK, PHONE, accessibility_faults
from tests.builders import NOW
from tests.statuspage.site.rich import files_of, rich_page, write

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.xdist_group("browser")]

HEAVIEST_VISIT: Final = 60_000
"""Bytes of a first visit before compression: page, style, brand, script."""
Visit = Callable[..., Page]


class Served(SimpleHTTPRequestHandler):
    """Serves files as any web server does, with the one header that widgets on other sites need."""

    def end_headers(self) -> None:
        """Let other sites read."""
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def serving(folder: Path) -> Iterator[str]:
    """Serve a folder; yield its address, which ends with a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with a page that has everything on it, as it is published."""
    folder = tmp_path / "tree"
    write(files_of(rich_page()), folder)
    (folder / "generation.json").write_text(f'{{"generated_at": "{NOW.isoformat()}"}}', encoding="utf-8")
    return folder


@pytest.fixture
def site(tree: Path) -> Iterator[str]:
    """Serve the published folder."""
    yield from serving(tree)


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Visit]:
    """Return a function that opens a path as a reader; cookies, stored things, errors and refusals fail the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def visited(
        path: str = "index.html",
        *,
        size: Any = DESK,
        scheme: Any = "light",
        script: bool = True,
        at: datetime = NOW,
        zone: str = "America/New_York",
    ) -> Page:
        context = chromium.new_context(
            viewport=size, color_scheme=scheme, java_script_enabled=script, timezone_id=zone, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.clock.set_fixed_time(at)
        page.on("console", lambda line: troubles.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(site) else troubles.append(asked.url))
        page.goto(f"{site}{path}")
        return page

    yield visited
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert troubles == []


def some_of_each_kind(tree: Path) -> list[str]:
    """Return a path of every kind of page."""
    return [
        "index.html",
        *(str(path.relative_to(tree)) for path in sorted(tree.glob("incidents/*.html"))),
        str(next(tree.glob("components/*.html")).relative_to(tree)),
        "history.html",
        "history/2026-11.html",
        "servers/index.html",
        "servers/web01.harbor.example.html",
        "servers/web30.harbor.example.html",
        "widget.html",
    ]


def test_no_page_has_accessibility_faults(visit: Visit, tree: Path) -> None:
    faults = []
    for path in some_of_each_kind(tree):
        page = visit(path)
        for scheme in ("light", "dark"):
            for size in (PHONE, DESK):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.set_viewport_size(size)  # type: ignore[arg-type]
                faults += [f"{path} {scheme} {size['width']}: {fault}" for fault in accessibility_faults(page)]
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_whole(visit: Visit, language: str) -> None:
    page = visit("index.html" if language == "en" else f"{language}/index.html", size=PHONE)
    assert accessibility_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    links = page.locator("footer nav a")
    assert links.count() == 4
    for number in range(4):
        assert page.request.get(links.nth(number).evaluate("link => link.href")).ok


def test_a_first_visit_is_light(visit: Visit, tree: Path, site: str) -> None:
    page = visit()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.removeprefix(site)))
    page.reload(wait_until="networkidle")
    assert {path.rpartition(".")[2] for path in asked} >= {"html", "css", "js"}
    assert sum((tree / path).stat().st_size for path in asked) < HEAVIEST_VISIT, asked


def test_every_link_inside_leads_somewhere(visit: Visit, tree: Path, site: str) -> None:
    page = visit()
    seen: set[str] = set()
    for path in [*some_of_each_kind(tree), "de/index.html", "de/history/2026-11.html"]:
        page.goto(f"{site}{path}")
        seen |= set(page.evaluate("[...document.querySelectorAll('a, link, script, img')].map(x => x.href || x.src)"))
    inside = {address.partition("#")[0] for address in seen if address.startswith(site)}
    assert len(inside) > 60
    assert [address for address in sorted(inside) if not page.request.get(address).ok] == []


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_has_to_be_scrolled_sideways(visit: Visit, tree: Path, width: int) -> None:
    for path in some_of_each_kind(tree):
        page = visit(path, size={"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_strip_is_one_stop_and_tells_each_day_by_keys(visit: Visit) -> None:
    page = visit()
    strips = page.get_by_role("slider")
    assert strips.count() == 5
    strip = page.locator(".component", has_text="Control panel").get_by_role("slider")
    strip.focus()
    expect(strip).to_have_attribute("aria-valuetext", "22 November 2026: No downtime")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(strip).to_have_attribute("aria-valuetext", "19 November 2026: Major outage for 25 min")
    expect(strip.locator(".bubble")).to_have_text("19 November 2026: Major outage for 25 min")
    page.keyboard.press("Home")
    expect(strip).to_have_attribute("aria-valuetext", "25 August 2026: No downtime")
    expect(strip).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("ArrowLeft")
    expect(strip).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("PageUp")
    expect(strip).to_have_attribute("aria-valuenow", "8")
    page.keyboard.press("End")
    expect(strip).to_have_attribute("aria-valuenow", "90")
    page.keyboard.press("Escape")
    expect(strip.locator(".bubble")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(strip).not_to_be_focused()
    assert page.evaluate("document.activeElement.closest('.strip')") is None


def test_a_day_before_the_record_is_no_good_day(visit: Visit) -> None:
    page = visit("de/index.html")
    strip = page.locator(".component", has_text="Mail").get_by_role("slider")
    strip.focus()
    page.keyboard.press("Home")
    expect(strip).to_have_attribute("aria-valuetext", "25. August 2026: Noch keine Aufzeichnung")


def test_a_pointer_shows_the_day_under_it(visit: Visit) -> None:
    page = visit()
    strip = page.locator(".component", has_text="Control panel").get_by_role("slider")
    box = strip.bounding_box()
    assert box
    strip.hover(position={"x": box["width"] * 86.5 / 90, "y": 10})
    expect(strip.locator(".bubble")).to_contain_text("19 November 2026: Major outage")


def test_without_script_nothing_is_missing(visit: Visit) -> None:
    page = visit(script=False)
    for words in ("Partial system outage", "A disk array failed", "Next update by 04:10 CET", "Database servers move"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.locator("#stale")).to_be_hidden()
    assert page.get_by_role("slider").count() == 0
    strip = page.locator(".component", has_text="Control panel").locator(".strip")
    expect(strip).to_have_attribute("role", "img")
    expect(strip).to_have_attribute(
        "aria-label", "Control panel, last 90 days: 99.98 % uptime · 99.98 % with maintenance"
    )
    unfold = page.locator(".component", has_text="Control panel").get_by_text("1 day with trouble")
    unfold.click()
    row = page.get_by_role("row", name="19 November 2026")
    expect(row).to_contain_text("Major outage for 25 min")
    form = page.get_by_role("button", name="Subscribe").locator("xpath=ancestor::form")
    assert form.get_attribute("method") == "post"


def test_times_are_told_in_the_readers_zone(visit: Visit) -> None:
    page = visit(zone="America/New_York")
    told = page.locator(".next time")
    expect(told).to_have_text("22:10 GMT-5")
    expect(told).to_have_attribute("title", "04:10 CET")
    expect(page.locator("#zone")).to_have_text("Times are those of your device (America/New_York).")


@pytest.mark.parametrize("path", ["index.html", "history.html"])
def test_a_stale_copy_says_so(visit: Visit, path: str) -> None:
    fresh = visit(path, at=NOW + timedelta(minutes=4))
    fresh.wait_for_load_state("networkidle")
    expect(fresh.locator("#stale")).to_be_hidden()
    stale = visit(path, at=NOW + timedelta(minutes=6), zone="Europe/Berlin")
    expect(stale.locator("#stale")).to_be_visible()
    expect(stale.locator("#stale")).to_have_text(
        "Not updated since 22 Nov 2026, 04:00 CET. What you read may be out of date."
    )
    assert accessibility_faults(stale) == []


def test_a_copy_without_its_generation_does_not_cry_wolf(
    visit: Visit, tree: Path, chromium: Browser, site: str
) -> None:
    (tree / "generation.json").unlink()
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{site}history.html")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#stale")).to_be_hidden()
    context.close()


def test_on_paper_only_what_is_read(visit: Visit) -> None:
    page = visit()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("heading", name="Partial system outage")).to_be_visible()
    expect(page.locator("#subscribe")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 33, 31)", "ink on white, also at night"


def test_a_server_is_found_by_a_part_of_its_name(visit: Visit) -> None:
    page = visit("servers/index.html")
    assert page.locator("#servers li:visible").count() == 30
    page.get_by_label("Name of the server").fill("WEB1")
    assert page.locator("#servers li:visible").count() == 10
    page.get_by_role("link", name="web12").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("web12.harbor.example")
    expect(page.get_by_text("We know of nothing that hits this server.")).to_be_visible()


def test_the_widget_shows_the_state_on_another_site(chromium: Browser, site: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "index.html").write_text(
        f'<!doctype html><html lang="de"><title>Shop</title><body><script src="{site}widget.js"></script>',
        encoding="utf-8",
    )
    (elsewhere / "favicon.ico").write_bytes(b"")
    for address in serving(elsewhere):
        context = chromium.new_context()
        page = context.new_page()
        page.add_init_script(
            "const attach = Element.prototype.attachShadow;"
            "Element.prototype.attachShadow = function () { return attach.call(this, {mode: 'open'}); };"
        )
        page.goto(address)
        link = page.get_by_role("link")
        expect(link).to_contain_text("Teilweiser Systemausfall")
        expect(link).to_contain_text("Websites do not answer")
        assert link.get_attribute("href") == site
        assert context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        context.close()
