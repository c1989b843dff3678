"""The page behind the link of a message, on the phone of somebody woken at three."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from engine import clock
from engine.duties import run_once
from notifications import page_links
from notifications.models import Delivery
from people.models import Person
from tests.browser.conftest import PHONE, OpenPage, accessibility_faults
from tests.incidents.builders import make_company, make_incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def link_for(person: Person) -> str:
    """Return the path that a message to this person carries."""
    delivery = Delivery.objects.filter(person=person).earliest("created_at")
    return urlsplit(page_links.page_url(delivery.pk, now=clock.now())).path


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_one_thing_to_do_is_big_at_the_thumb_and_works(open_page: OpenPage, script: bool) -> None:
    company = make_company()
    make_incident("Customer database read from outside")
    run_once(now=clock.now())
    page = open_page(link_for(company.otto), size=PHONE, scheme="dark", script=script)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customer database read from outside")
    acknowledge = page.get_by_role("button", name="Acknowledge")
    expect(acknowledge).to_be_in_viewport(ratio=1)
    box = acknowledge.bounding_box()
    assert box is not None
    assert box["height"] >= 72
    assert box["width"] >= 350
    assert box["y"] > PHONE["height"] / 2
    if script:
        assert accessibility_faults(page) == []
    acknowledge.click()
    expect(page.locator(".notice.ok")).to_contain_text("you have acknowledged")
    expect(acknowledge).to_be_hidden()
