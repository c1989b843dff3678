"""The phone bridge in the room, and the lines for callers, in a real browser."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine import clock
from engine.duties import run_once
from incidents.models import Incident
from rooms.calls.operations.receive import choose, receive
from rooms.models import BridgeCaller, CallLine
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.incidents.builders import Company, make_company, make_incident, make_service

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
    pytest.mark.usefixtures("stream"),
]
SIZES: pytest.MarkDecorator = pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk-light", "phone-dark"]
)


@pytest.fixture(autouse=True)
def _places() -> None:
    """Leave the navigation as the apps made it."""


@pytest.fixture
def company(transactional_db: None) -> Company:
    return make_company()


@pytest.fixture
def incident(company: Company) -> Incident:
    """Return a SEV1 whose bridge Vic is on; Vera is being dialled and Ada has not answered."""
    now = clock.now()
    incident = make_incident(now=now)
    for name in ("pages", "musters", "bridges"):
        run_once(name, now=now)
    rows = (
        (company.vic, "key", "on_line", now - timedelta(minutes=3)),
        (company.vera, "called_in", "calling", None),
        (company.mia, "key", "left", now - timedelta(minutes=9)),
    )
    for person, how, state, joined_at in rows:
        BridgeCaller.objects.create(
            bridge_id=incident.pk,
            person=person,
            name=person.name,
            how=how,
            state=state,
            call=f"CA{person.pk}",
            created_at=now,
            joined_at=joined_at,
            left_at=now if state == "left" else None,
        )
    return incident


def kept(page: Page, name: str) -> None:
    """Keep a picture where somebody who looks at screens asked for one."""
    folder = os.environ.get("SCREENS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@SIZES
def test_the_room_shows_who_is_on_the_line(
    open_page: OpenPage, company: Company, incident: Incident, size: Any, scheme: Any
) -> None:
    page = open_page(f"/incidents/{incident.number}/", person=company.otto, size=size, scheme=scheme)
    expect(page.get_by_role("heading", name="Phone bridge")).to_be_visible()
    expect(page.get_by_text("PIN", exact=False).first).to_be_visible()
    expect(page.get_by_role("button", name="Call in Ada")).to_be_visible()
    expect(page.get_by_role("button", name="Call in Vera")).to_have_count(0)
    kept(page, f"bridge-{scheme}")
    assert accessibility_faults(page) == []


def test_somebody_is_called_in_by_a_press(open_page: OpenPage, company: Company, incident: Incident) -> None:
    page = open_page(f"/incidents/{incident.number}/", person=company.otto, size=PHONE)
    page.get_by_role("button", name="Call in Ada").click()
    expect(page.get_by_text("Ada is called into the bridge.")).to_be_visible()
    assert BridgeCaller.objects.get(person=company.ada).state == "wanted"


@SIZES
def test_lines_for_callers_and_a_call_read_well(open_page: OpenPage, company: Company, size: Any, scheme: Any) -> None:
    now = clock.now()
    mail = make_service("mail", company.otto)
    line = CallLine.objects.create(number="+12065550180", name="Harbor emergencies")
    line.choices.create(position=1, service=mail)
    call = receive(line=line, call="CA1", caller="+46701112233", now=now)
    choose(call=call, service=mail, now=now)
    page = open_page("/call-lines/", person=company.alma, size=size, scheme=scheme)
    expect(page.get_by_text("Harbor emergencies").first).to_be_visible()
    kept(page, f"lines-{scheme}")
    assert accessibility_faults(page) == []
    page.get_by_role("link", name="Mail").click()
    expect(page.get_by_text("The caller chose Mail.")).to_be_visible()
    kept(page, f"call-{scheme}")
    assert accessibility_faults(page) == []


@SIZES
def test_a_line_is_made_on_a_screen(open_page: OpenPage, company: Company, size: Any, scheme: Any) -> None:
    make_service("mail", company.otto)
    page = open_page("/call-lines/new/", person=company.alma, size=size, scheme=scheme)
    kept(page, f"line-{scheme}")
    assert accessibility_faults(page) == []
    page.get_by_label("Number").fill("+1 206 555 0180")
    page.get_by_label("Name").fill("Harbor emergencies")
    page.get_by_label("Mail").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The line is saved.")).to_be_visible()
    assert CallLine.objects.get().choices.get().service.name == "Mail"
