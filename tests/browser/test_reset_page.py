"""A customer whose account was reset comes back, in a real Chromium and with a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from engine import clock
from resets.backends.registry import PLACES
from resets.models import Return
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.resets.self_set import desk
from tests.resets.self_set.desk import GOOD, account_of, code_in, secured, support_code
from tests.statuspage.builders import make_page
from tests.statuspage.subscribers.mail_server import Mailbox, mail_server

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FEWEST_PIXELS = 44


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """What the customer is sent."""
    with mail_server() as box:
        yield box


@pytest.fixture(autouse=True)
def _desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLACES, "desk", desk.PLACE)
    monkeypatch.setattr(desk, "KEPT", desk.Kept())


def passes(screen: Any, script: bool) -> None:
    """Check what everybody must be able to use: labels, contrast, nothing wider than the window."""
    if script:
        assert accessibility_faults(screen) == []
        assert screen.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for button in screen.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= FEWEST_PIXELS


@pytest.mark.parametrize(
    ("script", "scheme", "size"), [(True, "light", PHONE), (False, "dark", PHONE), (True, "dark", DESK)]
)
def test_a_customer_comes_back(
    open_page: OpenPage, mailbox: Mailbox, live_server: Any, settings: Any, script: bool, scheme: str, size: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    make_page()
    now = clock.now()
    owner = {"login": "web1001", "email": "ann@example.com", "customer": "K-100"}
    reset = secured([{**owner, "email_changed_at": now - timedelta(days=3)}], now=now)

    # Passwords and proofs that are not taken are answered 422, which the console counts as an error.
    screen = open_page("/reset/", size=size, scheme=scheme, script=script, expected="422")
    passes(screen, script)
    screen.get_by_label("Name of the account").fill("web1001")
    screen.wait_for_timeout(2100)  # nobody is that fast
    screen.get_by_role("button", name="Send me a code").click()
    assert "a code is on its way" in screen.inner_text("main")
    passes(screen, script)
    desk.deliver(clock.now())

    code = code_in(mailbox.to("ann@example.com"))
    screen.goto(f"{live_server.url}/reset/code/?code={code}&lang=en")
    assert screen.get_by_label("Code from the mail").input_value() == code
    screen.get_by_role("button", name="Go on").click()
    passes(screen, script)
    screen.get_by_label("Customer number").fill("K-100")
    screen.get_by_label("Code from our support").fill("0000-0000-0000")
    screen.get_by_label("New password", exact=True).fill(GOOD)
    screen.get_by_label("New password once more").fill(GOOD)
    screen.get_by_role("button", name="Set the password").click()
    assert "don't fit together" in screen.inner_text("main")
    assert screen.get_by_label("New password", exact=True).input_value() == ""
    passes(screen, script)

    screen.get_by_label("Customer number").fill("K-100")
    screen.get_by_label("Code from our support").fill(support_code(account_of(reset, "web1001"), now=now))
    screen.get_by_label("New password", exact=True).fill(GOOD)
    screen.get_by_label("New password once more").fill(GOOD)
    screen.get_by_role("button", name="Set the password").click()
    assert "Your new password works" in screen.inner_text("main")
    passes(screen, script)
    assert Return.objects.get().account.login == "web1001"
    assert [password for _, _, password, _ in desk.KEPT.passwords] == [GOOD]
    assert screen.context.cookies() == []


def test_the_page_stands_without_a_status_page_and_changes_its_language(open_page: OpenPage) -> None:
    screen = open_page("/reset/")
    screen.get_by_role("link", name="Deutsch").click()
    assert screen.get_by_role("button", name="Code schicken").is_visible()
    assert screen.evaluate("getComputedStyle(document.querySelector('.top')).display") != "block", "its style is there"
    passes(screen, script=True)
