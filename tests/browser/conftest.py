"""A real Chromium for tests of what people see; console errors and refused content fail the test that caused them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from people.models import Person
from tests.builders import make_person
from tests.programs import program
from tests.web_plumbing.test_stream import running_stream
from web import navigation
from web.navigation import Item

VENDOR: Final = Path(__file__).resolve().parent / "vendor"
PHONE: Final = {"width": 390, "height": 844}
DESK: Final = {"width": 1280, "height": 900}
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start one Chromium for the module; skip with the line to run where there is none.

    Not for the session: while Playwright is open, this process's thread counts as inside its event loop, and other
    files' tests open loops, and Playwrights, of their own.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM)), None) or program("chromium", package="chromium")
    # Playwright's loop lives in this thread; the database is used between its steps, never inside them.
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
def open_page(chromium: Browser, live_server: Any) -> Iterator[OpenPage]:
    """Return a function that opens an address in a context of its own.

    Arguments: the path; `person` to be signed in; `size` of the window; `scheme` "light" or "dark"; `script` False
    turns JavaScript off; `expected` is a part of console errors that the test itself provokes. After the test every
    other console error, page error or refusal by the policy fails it.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opened(
        path: str,
        *,
        person: Person | None = None,
        size: Any = DESK,
        scheme: Any = "light",
        script: bool = True,
        expected: str = "",
    ) -> Page:
        context = chromium.new_context(viewport=size, color_scheme=scheme, java_script_enabled=script)
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()

        def heard(line: ConsoleMessage) -> None:
            if line.type in ("error", "warning") and not (expected and expected in line.text):
                troubles.append(f"{line.text} {line.location}")

        page.on("console", heard)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def otto(transactional_db: None) -> Person:
    """Return Otto, who is on call."""
    return make_person("Otto")


@pytest.fixture(scope="session")
def stream_process(live_server: Any) -> Iterator[str]:
    """Run the real stream beside the live server, until the last screen is closed; yield its address."""
    with running_stream(origin=live_server.url) as (address, _process):
        yield address


@pytest.fixture
def stream(stream_process: str, settings: Any) -> str:
    """Let the pages find the stream, and their policy reach it."""
    settings.STREAM_URL = stream_process
    _let_pages_reach(stream_process, settings)
    return stream_process


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the navigation places whatever apps exist, so that these tests are about the look alone."""
    items = [
        Item("Now", "look", "now", 10),
        Item("Your e-mail", "account_email", "mail", 20, count=lambda _request: 2),
        Item("Your sessions", "usersessions_list", "screen", 30, group="Ready"),
        Item("Second factor", "mfa_index", "shield", 40, prominent=True),
    ]
    monkeypatch.setattr(navigation, "_items", {item.url_name: item for item in items})


@pytest.fixture
def no_stream(settings: Any) -> str:
    """Name a stream that refuses every connection, as when its process is down."""
    settings.STREAM_URL = "http://127.0.0.1:9"
    _let_pages_reach(settings.STREAM_URL, settings)
    return str(settings.STREAM_URL)


def _let_pages_reach(address: str, settings: Any) -> None:
    policy = settings.CONTENT_SECURITY_POLICY
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**policy["DIRECTIVES"], "connect-src": ["'self'", address]}}


def accessibility_faults(page: Page) -> list[str]:
    """Run axe-core with the rules of WCAG 2.2 A and AA and its best practices; return what it finds, readable."""
    # Through the debugger, not a script element: the page's own policy stays as strict as it is.
    page.evaluate((VENDOR / "axe.min.js").read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
