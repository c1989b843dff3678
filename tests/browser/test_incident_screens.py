"""The incident's screens in a real browser: readable in every state, quick on a phone, whole without script."""

from __future__ import annotations

from typing import Any, cast

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from engine import clock
from engine.duties import run_once
from incidents.models import Incident
from notifications.models import ContactMethod
from notifications.operations.acknowledge import acknowledge
from notifications.operations.verify_contact_method import send_verification_code
from people.models import Person, Schedule
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.builders import by, make_method
from tests.incidents.builders import Company, answer, make_company, make_incident, make_service, page_of, pass_time

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

PASSWORD = "correct horse battery staple"
LIVE_MS = 4_000
THUMB = 72
"""The height in pixels that the one thing to do has at least."""


@pytest.fixture(autouse=True)
def _places() -> None:
    """Leave the navigation as the apps made it."""


@pytest.fixture
def company(transactional_db: None) -> Company:
    return make_company()


@pytest.fixture
def gathering(company: Company) -> Incident:
    """Return a SEV1 whose leaders were called just now, one of whom has confirmed."""
    incident = make_incident(service=make_service("ftp"), summary="Hashes may be copied.", now=clock.now())
    advance()
    confirm(incident, company.vera, "vp")
    return incident


def advance() -> None:
    """Let the engine do what is due now."""
    for _ in range(3):
        run_once("pages", now=clock.now())
        run_once("musters", now=clock.now())


def confirm(incident: Incident, person: Person, tier: str) -> None:
    """Let somebody press 1."""
    with transaction.atomic():
        page = page_of(incident, f"muster:{tier}")
        acknowledge(page_id=page.pk, person=person, by=by(person, "voice"), via="voice", now=clock.now())
    advance()


def room(incident: Incident) -> str:
    return reverse("incident", args=[incident.number])


def faults_everywhere(page: Page) -> list[str]:
    """Look at one screen by day and night, on a phone and a desk; a screen wider than its window is a fault too."""
    faults = []
    for scheme in ("light", "dark"):
        for size in (PHONE, DESK):
            page.emulate_media(color_scheme=cast(Any, scheme), reduced_motion="reduce")
            page.set_viewport_size(cast(Any, size))
            where = f"{scheme} {size['width']}"
            faults += [f"{where}: {fault}" for fault in accessibility_faults(page)]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                faults.append(f"{where}: wider than the window")
    return faults


@pytest.mark.parametrize("name", ["now", "declare", "incidents", "my_pages", "my_contacts", "on_call"])
def test_a_quiet_night_reads_well(open_page: OpenPage, stream: str, company: Company, name: str) -> None:
    page = open_page(reverse(name), person=company.otto)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert faults_everywhere(page) == []


@pytest.mark.parametrize("name", ["now", "incident", "briefing", "incident_timeline", "my_pages", "page"])
def test_a_gathering_muster_reads_well(
    open_page: OpenPage, stream: str, company: Company, gathering: Incident, name: str
) -> None:
    address = {
        "page": [page_of(gathering, "muster:ceo").pk],
        "now": [],
        "my_pages": [],
    }.get(name, [gathering.number])
    page = open_page(reverse(name, args=address), person=company.ada)
    expect(page.locator("main")).to_contain_text("Customer database read from outside")
    assert faults_everywhere(page) == []


@pytest.mark.parametrize("name", ["now", "incident", "briefing"])
def test_a_complete_muster_reads_well(open_page: OpenPage, stream: str, company: Company, name: str) -> None:
    incident = make_incident()
    pass_time(0)
    for person, tier, at in ((company.otto, "on_call", 5), (company.ada, "ceo", 30), (company.mia, "manager", 60)):
        answer(incident, person, tier, at=at)
    answer(incident, company.vic, "vp", at=152)
    page = open_page(reverse(name, args=[] if name == "now" else [incident.number]), person=company.otto)
    expect(page.locator("main")).to_contain_text("2:32")
    assert faults_everywhere(page) == []


@pytest.mark.parametrize("name", ["now", "incident"])
def test_an_exhausted_muster_reads_well_and_shouts(
    open_page: OpenPage, stream: str, company: Company, name: str
) -> None:
    incident = make_incident()
    pass_time(*range(0, 2_000, 181))
    incident.refresh_from_db()
    assert incident.muster_state == Incident.Muster.EXHAUSTED
    page = open_page(reverse(name, args=[] if name == "now" else [incident.number]), person=company.cam)
    expect(page.locator("main")).to_contain_text("Nobody answered")
    assert faults_everywhere(page) == []


def test_entering_a_code_reads_well(open_page: OpenPage, company: Company) -> None:
    method = make_method(company.otto, "sms", verified=False)
    with transaction.atomic():
        send_verification_code(contact_method_id=method.pk, by=by(company.otto), now=clock.now())
    page = open_page(reverse("contact_verify", args=[method.pk]), person=company.otto, size=PHONE)
    expect(page.get_by_label("Code")).to_be_visible()
    assert faults_everywhere(page) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_the_sign_in_to_the_leaders_in_three_screens(
    open_page: OpenPage, no_stream: str, company: Company, script: bool
) -> None:
    company.otto.set_password(PASSWORD)
    company.otto.save()
    EmailAddress.objects.create(user=company.otto, email=company.otto.email, verified=True, primary=True)
    page = open_page(reverse("declare"), size=PHONE, script=script, expected="ERR_UNSAFE_PORT")
    page.get_by_label("Email").fill(company.otto.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("What is wrong?").fill("Mail is down")
    page.get_by_label("Meaning of SEV1").check()
    declare = page.get_by_role("button", name="Declare")
    expect(declare).to_be_in_viewport(ratio=1)
    declare.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mail is down")
    advance()
    page.reload()
    expect(page.locator("#muster .person")).to_have_count(6)
    expect(page.locator("#muster")).to_contain_text("Calling")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("name", ["now", "my_pages", "incident", "briefing"])
def test_somebody_woken_has_one_big_button(
    open_page: OpenPage, no_stream: str, company: Company, gathering: Incident, name: str, script: bool
) -> None:
    address = [] if name in ("now", "my_pages") else [gathering.number]
    page = open_page(
        reverse(name, args=address), person=company.ada, size=PHONE, script=script, expected="ERR_UNSAFE_PORT"
    )
    button = page.get_by_role("button", name="Acknowledge")
    expect(button).to_be_in_viewport(ratio=1)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= THUMB
    others = [other.bounding_box() for other in page.locator("main button:visible").all()]
    assert all(other["width"] * other["height"] <= box["width"] * box["height"] for other in others if other)
    button.click()
    expect(page.locator(".notice.ok").first).to_contain_text("Ada, you have acknowledged it.")
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)


def test_an_answer_shows_on_every_open_screen(
    open_page: OpenPage, stream: str, company: Company, gathering: Incident
) -> None:
    watching = open_page(room(gathering), person=company.cam)
    expect(watching.locator(".rail [data-live-mark]")).to_have_text("Live")
    ada = watching.locator("#muster .person").filter(has_text="Ada")
    expect(ada).not_to_contain_text("Confirmed")
    confirm(gathering, company.ada, "ceo")
    expect(ada).to_contain_text("Confirmed", timeout=LIVE_MS)
    expect(watching.locator("#muster header").first).to_contain_text("2 of 4", timeout=LIVE_MS)


def test_a_note_being_typed_survives_the_news(
    open_page: OpenPage, stream: str, company: Company, gathering: Incident
) -> None:
    page = open_page(room(gathering), person=company.cam)
    expect(page.locator(".rail [data-live-mark]")).to_have_text("Live")
    page.get_by_label("Note").fill("The way in is clo")
    confirm(gathering, company.ada, "ceo")
    expect(page.locator("#muster .person").filter(has_text="Ada")).to_contain_text("Confirmed", timeout=LIVE_MS)
    expect(page.get_by_label("Note")).to_have_value("The way in is clo")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_incident_is_led_to_its_end(
    open_page: OpenPage, no_stream: str, company: Company, gathering: Incident, script: bool
) -> None:
    page = open_page(room(gathering), person=company.cam, script=script, expected="ERR_UNSAFE_PORT")

    def said(words: str) -> None:
        expect(page.locator(".notices")).to_contain_text(words)

    page.get_by_role("button", name="We investigate").click()
    said("The status is changed.")
    page.get_by_role("button", name="Call somebody").click()
    page.get_by_label("Sid").check()
    page.locator("#add-responders").get_by_role("button", name="Call somebody").click()
    said("They are being called.")
    page.get_by_role("button", name="Give a role").click()
    page.locator("#give-role").get_by_label("Role").select_option("communications")
    page.locator("#give-role").get_by_label("Person").select_option(str(company.cam.pk))
    page.locator("#give-role").get_by_role("button", name="Give a role").click()
    said("The role is handed over.")
    page.get_by_label("Note").fill("The key is revoked")
    page.get_by_role("button", name="Add").click()
    said("Noted.")
    page.get_by_role("button", name="Resolve").first.click()
    page.locator("#resolve").get_by_role("button", name="Resolve").click()
    said("Resolved.")
    expect(page.locator(".timeline").first).to_contain_text("The key is revoked")
    gathering.refresh_from_db()
    assert gathering.status == Incident.Status.RESOLVED


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_way_to_be_reached_is_added_tried_and_removed(
    open_page: OpenPage, no_stream: str, company: Company, script: bool
) -> None:
    page = open_page(reverse("my_contacts"), person=company.sid, size=PHONE, script=script, expected="ERR_UNSAFE_PORT")
    page.get_by_label("How").select_option("email")
    page.get_by_label("Number or address").fill("sid@example.org")
    page.get_by_role("button", name="Add and send a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code")
    page.get_by_role("link", name="Later").click()
    row = page.locator("li").filter(has_text="sid@example.org").first
    expect(row).to_contain_text("Not verified")
    row.get_by_role("button", name="Try it").click()
    expect(page.locator(".notices")).to_contain_text("A test is on its way")
    row.get_by_role("button", name="Remove").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator(".notices")).to_contain_text("Removed.")
    assert not ContactMethod.objects.filter(address="sid@example.org").exists()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_duty_is_taken_over_in_two_taps(open_page: OpenPage, no_stream: str, company: Company, script: bool) -> None:
    page = open_page(reverse("on_call"), person=company.sid, size=PHONE, script=script, expected="ERR_UNSAFE_PORT")
    page.get_by_role("button", name="Take over").click()
    expect(page.locator(".notices")).to_contain_text("You are on call for Hosting now.")
    expect(page.locator("#on-call")).to_contain_text("You")
    assert Schedule.objects.get().overrides.get().person == company.sid
