"""The PIN's screens in a real browser: set on a phone, read by everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from people.models import PhonePin
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_incident_screens import faults_everywhere
from tests.builders import make_person
from tests.eap.phone.callers import give_pin

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _places() -> None:
    """Leave the navigation as the apps made it."""


def test_a_pin_is_set_on_a_phone(open_page: OpenPage, stream: str, tmp_path: Path) -> None:
    vic = make_person("Vic")
    vic.set_password(PASSWORD)
    vic.save()
    page = open_page(reverse("my_contacts"), person=vic, size=PHONE, expected="422")
    page.get_by_role("link", name="Set a PIN").click()
    assert faults_everywhere(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.screenshot(path=tmp_path / "pin.png", full_page=True)
    page.get_by_label("New PIN").fill("1234")
    page.get_by_label("The same PIN again").fill("1234")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("This is a sequence")
    assert faults_everywhere(page) == []
    page.get_by_label("New PIN").fill("7391")
    page.get_by_label("The same PIN again").fill("7391")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Your PIN is set.")
    assert PhonePin.objects.filter(person=vic).exists()
    assert faults_everywhere(page) == []


@pytest.mark.parametrize("name", ["pin_edit", "pin_clear", "my_contacts", "person"])
def test_with_a_pin_every_screen_reads_well(open_page: OpenPage, stream: str, name: str) -> None:
    vic, alma = make_person("Vic"), make_person("Alma")
    give_pin(vic)
    own = name != "person"
    page = open_page(reverse(name, args=[] if own else [vic.pk]), person=vic if own else alma)
    expect(page.locator("main")).to_contain_text("PIN")
    assert faults_everywhere(page) == []
