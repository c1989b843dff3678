"""Runs in a real browser: readable for everyone, walked on a phone, approved by two vice presidents, live."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from eap.models import LogLine, Run
from engine import clock
from people.models import Person
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.builders import make_person, make_tier
from tests.eap.runs import builders
from tests.eap.runs.builders import at, automation, chain, make_hosts, make_incident, make_version, states, step
from tests.eap.runs.conftest import _actions_of_the_tests  # noqa: F401  (used by name)
from web import live

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
    pytest.mark.usefixtures("_actions_of_the_tests"),
]

ROLES = {
    "ops": {"title": "Operations", "tier": "on-call"},
    "vp": {"title": "Vice president", "tier": "vp"},
}
DECISION = {
    "question": "Do the backups still run?",
    "options": [{"key": "yes", "title": "They run"}, {"key": "no", "title": "They don't"}],
}
LINES = [{"text": "Nobody is signed in", "must": True}, {"text": "The customers know"}]


def plan() -> Any:
    """Return a plan with every kind of step that people do, and two machines."""
    agree = {"roles": ["vp"], "count": 2, "destructive": True, "of": "All **accounts** are locked."}
    return make_version(
        chain(
            step("look", role="ops", due="5m", instructions="Look **twice**.", evidence={"note": True}),
            step("pause", "pause_point", role="ops", lines=LINES),
            step("way", "decision", role="ops", decision=DECISION),
            step("agree", "approval", approval=agree),
            automation("lock", text="locked"),
            step("tell", role="ops"),
        ),
        roles=ROLES,
        title="Lock every account",
        inputs={"reason": {"type": "text", "title": "Who broke in", "required": False}},
        suggested_for={"types": ["intrusion"]},
    )


@pytest.fixture
def vps(transactional_db: None) -> list[Person]:
    found = [make_person("Vic"), make_person("Vera")]
    make_tier("vp", *found)
    return found


@pytest.fixture
def on_call(otto: Person) -> Person:
    make_tier("on-call", otto)
    return otto


def go() -> None:
    """Do what is due now."""
    builders.go(clock.now())


def code_of(secret: str) -> str:
    return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"


def test_every_page_is_readable_for_everyone(
    open_page: OpenPage, stream: str, live_server: Any, on_call: Person, vps: list[Person]
) -> None:
    version, incident = plan(), make_incident(type="intrusion", severity=2)
    run = builders.begin(version, who=make_person("Max"), incident=incident, now=clock.now())
    go()
    LogLine.objects.bulk_create(
        LogLine(run=run, step=at(run, "lock"), target_name="web1", at=clock.now(), text=f"line {number} " + "x" * 200)
        for number in range(30)
    )
    page = open_page(reverse("runs"), person=on_call)
    found: list[str] = []
    for path in (
        reverse("runs"),
        reverse("run", args=[run.pk]),
        reverse("run_step", args=[run.pk, "look"]),
        reverse("run_step", args=[run.pk, "agree"]),
        reverse("run_step", args=[run.pk, "lock"]),
        reverse("run_picture", args=[run.pk]),
        reverse("run_log", args=[run.pk]),
        reverse("run_start", args=[version.plan.key]),
        reverse("plan", args=[version.plan.key]),
        reverse("plan_schedule_add", args=[version.plan.key]),
        reverse("incident", args=[incident.number]),
    ):
        page.goto(f"{live_server.url}{path}")
        assert page.locator("h1").count() == 1, path
        for scheme, size in (("light", PHONE), ("dark", DESK)):
            page.emulate_media(color_scheme=cast(Any, scheme), reduced_motion="reduce")
            page.set_viewport_size(cast(Any, size))
            found += [f"{path} {scheme}: {fault}" for fault in accessibility_faults(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path}: {wide} px wide on {size['width']}"] if wide > size["width"] else []
    assert found == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_drill_is_walked_on_a_phone_and_approved_by_two_vice_presidents(
    open_page: OpenPage, stream: str, on_call: Person, vps: list[Person]
) -> None:
    version = plan()
    make_hosts("drill1", drill=True)
    page = open_page(reverse("run_start", args=[version.plan.key]) + "?drill=1", person=on_call, size=PHONE)
    page.get_by_label("Who broke in").fill("Nobody, this is Friday")
    press(page, "Start")
    expect(page.get_by_text("EXERCISE").first).to_be_visible()
    run = Run.objects.get()
    mine = page.locator("#mine")
    page.reload()
    expect(mine).to_contain_text("Look twice.")
    mine.get_by_label("Note").fill("Seen from two places.")
    press(page, "Done")
    expect(mine).to_contain_text("Nobody is signed in")
    mine.get_by_role("group", name="Nobody is signed in").get_by_label("Yes").check()
    mine.get_by_role("group", name="The customers know").get_by_label("Not applicable").check()
    press(page, "Answer and go on")
    press(page, "They run")
    expect(mine).to_have_count(0)
    assert states(run)["agree"] == "ready"
    for vp in vps:
        secret = generate_totp_secret()
        TOTP.activate(vp, secret)
        phone = open_page(reverse("run", args=[run.pk]), person=vp, size=PHONE)
        expect(phone.locator("#mine")).to_contain_text("All accounts are locked.")
        expect(phone.locator("#mine")).to_contain_text("Nobody, this is Friday")
        assert accessibility_faults(phone) == []
        phone.get_by_label("Code from your authenticator").fill(code_of(secret))
        press(phone, "Approve")
        expect(phone.get_by_text("You approved.")).to_be_visible()
    go()
    expect(mine).to_contain_text("Tell")
    press(page, "Done")
    go()
    expect(page.get_by_text("Propose a change of the plan")).to_be_visible()
    assert set(states(run).values()) == {"done"}


def test_new_lines_of_the_log_appear_by_themselves(
    open_page: OpenPage, stream: str, on_call: Person, vps: list[Person]
) -> None:
    run = builders.begin(plan(), now=clock.now())
    go()
    page = open_page(reverse("run", args=[run.pk]), person=on_call)
    expect(page.locator("#run-lines")).to_contain_text("No line yet")
    time.sleep(1)
    for number in range(40):
        with transaction.atomic():
            LogLine.objects.create(run=run, step=at(run, "lock"), at=clock.now(), text=f"line {number}")
            live.changed(f"run-log:{run.pk}")
    lines = page.locator("#run-lines")
    expect(lines).to_contain_text("line 39")
    lines.scroll_into_view_if_needed()
    expect(lines.get_by_text("line 39")).to_be_in_viewport()
