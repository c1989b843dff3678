"""Resets in a real browser: readable for everyone, a gate opened on a phone with a second factor, live."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from playwright.sync_api import expect

from engine import clock
from people.models import Person, Role
from resets.models import Reset, Wave
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.browser.test_runs import code_of, press
from tests.builders import make_person
from tests.resets.engine.builders import work
from tests.resets.engine.conftest import _memory, _no_hasher_is_left  # noqa: F401  (used by name)
from tests.resets.screens.night import draft, make_night, spare

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
PICTURES = os.environ.get("PICTURES", "")
"""A folder that screenshots are left in, for people to look at."""


@pytest.fixture
def vera(transactional_db: None) -> Person:
    return make_person("Vera", role=Role.EXECUTIVE)


@pytest.fixture
def reset(vera: Person) -> Reset:
    found = make_night(vera, shards=[f"web{number}" for number in range(1, 13)])
    spare(found, by=vera)
    return found


def test_every_screen_is_accessible_and_fits_a_phone(
    open_page: OpenPage, stream: str, live_server: Any, reset: Reset, vera: Person
) -> None:
    notice = draft(reset, by=vera)
    system, account = reset.systems.all()[0], reset.accounts.all()[0]
    page = open_page(reverse("resets"), person=make_person("Ada", role=Role.ADMINISTRATOR))
    found: list[str] = []
    for path in (
        reverse("resets"),
        reverse("reset", args=[reset.pk]),
        reverse("reset_exceptions", args=[reset.pk, "disable"]),
        reverse("reset_exclusions", args=[reset.pk]),
        reverse("reset_notice", args=[reset.pk, notice.pk]),
        reverse("reset_notice_edit", args=[reset.pk, notice.pk]),
        reverse("reset_report", args=[reset.pk]),
        f"{reverse('support_codes')}?login={account.login}",
        reverse("support_code", args=[account.pk]),
        reverse("account_systems"),
        reverse("account_system", args=[system.pk]),
        reverse("account_system_kind"),
        reverse("account_system_add", args=["sql"]),
    ):
        page.goto(f"{live_server.url}{path}")
        assert page.locator("h1").count() == 1, path
        for scheme, size in (("light", PHONE), ("dark", DESK)):
            page.emulate_media(color_scheme=cast(Any, scheme), reduced_motion="reduce")
            page.set_viewport_size(cast(Any, size))
            found += [f"{path} {scheme}: {fault}" for fault in accessibility_faults(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path}: {wide} px wide on {size['width']}"] if wide > size["width"] else []
            if PICTURES:
                name = path.strip("/").replace("/", "-").replace(str(reset.pk), "one")
                page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=True)
    assert found == []


def test_a_second_person_opens_a_wave_on_a_phone(open_page: OpenPage, stream: str, reset: Reset, otto: Person) -> None:
    secret = generate_totp_secret()
    TOTP.activate(otto, secret)
    page = open_page(reverse("reset", args=[reset.pk]), person=otto, size=PHONE)
    press(page, "Open the wave")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Code of your second factor").fill(code_of(secret))
    sheet.get_by_role("button", name="Open the wave").click()
    expect(page.get_by_text("The wave is open.")).to_be_visible()
    assert Wave.objects.get(phase__name="lock", number=1).opened_by == otto
    work(now=clock.now())
    expect(page.get_by_text("12 of 100")).to_be_visible()
    assert accessibility_faults(page) == []


def test_without_script_everything_is_there(open_page: OpenPage, reset: Reset, otto: Person) -> None:
    page = open_page(reverse("reset", args=[reset.pk]), person=otto, script=False)
    page.get_by_text("Pause", exact=True).first.click()
    page.get_by_label("Why").first.fill("The helpdesk drowns.")
    page.get_by_role("button", name="Pause").last.click()
    expect(page.get_by_text("Paused: nothing more begins")).to_be_visible()
    reset.refresh_from_db()
    assert reset.state == "paused"
