"""The small scripts in a real browser: clocks, forms sent once, held buttons, passkeys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.templatetags.static import static
from playwright.sync_api import Page, expect

from people.models import Person
from tests.browser.conftest import PHONE, OpenPage
from tests.builders import NOW
from web import moments

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

PASSWORD = "a long enough sentence"
BETWEEN = [
    *[timedelta(seconds=seconds) for seconds in (0, 9, -9, 10, -10, -59, -60, -3_599, -3_600, 30, 1_020, 10_800)],
    *[timedelta(hours=hours) for hours in (-25, -167, -168, 48, 168)],
]


def tell(page: Page, times: list[tuple[str, datetime]]) -> list[str]:
    """Return what `time.js` makes of times whose page was written with "as written", at the fixed time `NOW`."""
    page.clock.set_fixed_time(NOW)
    page.evaluate(
        "(times) => document.body.append(...times.map(([form, at]) => Object.assign(document.createElement('time'),"
        " {dateTime: at, textContent: 'as written', className: 'told'})).map((time, place) => {"
        " time.dataset.time = times[place][0]; return time; }))",
        [[form, at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")] for form, at in times],
    )
    page.wait_for_timeout(1_100)
    return page.locator("time.told").all_inner_texts()


def test_the_browser_tells_times_as_the_server_does(open_page: OpenPage) -> None:
    page = open_page("/accounts/login/")
    clocks = [("up", NOW - timedelta(hours=2, seconds=5)), ("down", NOW - timedelta(seconds=32)), ("down", NOW)]
    told = tell(page, [("relative", NOW + between) for between in BETWEEN] + clocks)
    server = [moments.relative(NOW + between, NOW) or "as written" for between in BETWEEN]
    assert told == [*server, "2:00:05", moments.countdown(clocks[1][1], NOW)[0], moments.countdown(NOW, NOW)[0]]
    expect(page.locator("time.told.over")).to_have_count(2)


def test_a_move_is_sent_once_however_often_it_is_pressed(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto, size=PHONE)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.evaluate(
        "() => { const button = document.querySelector('button.huge[type=submit]');"
        " button.click(); button.click(); button.click(); }"
    )
    expect(page.get_by_text("Done. This page only shows")).to_be_visible()
    assert len(posts) == 1


def opened_sheet(page: Page) -> Any:
    """Open the sheet that asks for a held button and return that button."""
    page.get_by_role("button", name="Abort the run").click()
    return page.get_by_role("dialog", name="Abort the run?").locator("button[data-hold]")


def test_a_held_button_acts_and_a_released_one_does_not(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    button = opened_sheet(page)
    button.hover()
    page.mouse.down()
    expect(button).to_have_class("button main danger holding")
    page.wait_for_timeout(400)
    page.mouse.up()
    expect(button).to_have_text("Press again to confirm")
    expect(page.get_by_text("Done. This page only shows")).to_be_hidden()
    page.mouse.down()
    page.wait_for_timeout(1_100)
    page.mouse.up()
    expect(page.get_by_text("Done. This page only shows")).to_be_visible()


def test_a_held_button_takes_two_presses_of_a_keyboard(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    button = opened_sheet(page)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Press again to confirm")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Done. This page only shows")).to_be_visible()


def test_a_refresh_leaves_a_button_asking(open_page: OpenPage, stream: str, otto: Person) -> None:
    page = open_page("/look/", person=otto)
    button = opened_sheet(page)
    # In one go, so that neither the question's end nor another refresh comes between.
    said = button.evaluate(
        """async (button, address) => {
            const { morph } = await import(address);
            const fresh = button.form.cloneNode(true);
            fresh.querySelector("button[data-hold]").textContent = "Abort it";
            button.click();
            button.classList.add("holding");
            const asked = button.textContent;
            morph(button.form, fresh);
            return [asked, button.textContent, button.dataset.word, button.classList.contains("holding")];
        }""",
        static("web/morph.js"),
    )
    assert said == ["Press again to confirm", "Press again to confirm", "Abort it", True]


def plug_in(page: Page) -> None:
    """Give the browser an authenticator without any key, whose owner agrees at once."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def test_a_passkey_is_added_and_signs_in(
    open_page: OpenPage, stream: str, live_server: Any, settings: Any, otto: Person
) -> None:
    settings.PUBLIC_URL = live_server.url  # the passkey is bound to this name
    otto.set_password(PASSWORD)
    otto.save()
    page = open_page("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    plug_in(page)
    page.get_by_label("Email").fill(otto.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_label("I have saved my recovery codes").check()
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/?next=/look/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/look/")


def test_a_passkey_that_fails_is_explained(open_page: OpenPage, live_server: Any, settings: Any) -> None:
    settings.PUBLIC_URL = live_server.url
    page = open_page("/accounts/login/")
    plug_in(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
