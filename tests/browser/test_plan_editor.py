"""Plans in a real browser: readable for everyone, and written with and without scripts."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from eap.models import PlanVersion
from eap.operations.plans.draft import propose_change, save_draft
from eap.operations.plans.review import submit
from people.models import Person
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.builders import NOW, by, make_person
from tests.eap.format.texts import plan_text
from tests.eap.plans.builders import make_draft, make_published
from tests.eap.plans.nights import LANES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def vera(transactional_db: None) -> Person:
    return make_person("Vera")


@pytest.fixture
def published(otto: Person, vera: Person) -> PlanVersion:
    """Return a plan with lanes, a decision, an approval and a point of no return, in use."""
    return make_published(LANES, person=otto, reviewer=vera)


@pytest.fixture
def proposed(published: PlanVersion, otto: Person) -> PlanVersion:
    """Return its next version, with a step more, one less and some changed, handed in by Otto."""
    text = published.text.replace("Tell the customers", "Tell every customer").replace("due: 15m", "due: 10m")
    with transaction.atomic():
        draft = propose_change(plan=published.plan, person=otto, by=by(otto), now=NOW, notes="It took **40 minutes**.")
        save_draft(
            version_id=draft.pk,
            text=text,
            notes=draft.notes,
            revision=draft.revision,
            person=otto,
            by=by(otto),
            now=NOW,
        )
        return submit(version_id=draft.pk, person=otto, by=by(otto), now=NOW)


def addresses(version: PlanVersion, proposed: PlanVersion, draft: PlanVersion) -> list[str]:
    parts = [version.plan.key, version.number]
    return [
        reverse("plans"),
        reverse("plan_new"),
        reverse("plan", args=[version.plan.key]),
        reverse("plan_version", args=parts),
        reverse("plan_version", args=[proposed.plan.key, proposed.number]),
        reverse("plan_edit", args=[draft.plan.key, draft.number]),
        reverse("plan_paper", args=parts),
    ]


def test_every_page_is_readable_for_everyone(
    open_page: OpenPage, stream: str, live_server: Any, published: PlanVersion, proposed: PlanVersion
) -> None:
    broken = make_draft(text=plan_text(key="restore-db").replace("role: ops", "role: opps"), key="restore-db")
    page = open_page(reverse("plans"), person=make_person("Max"))
    found: list[str] = []
    for path in addresses(published, proposed, broken):
        page.goto(f"{live_server.url}{path}")
        assert page.locator("h1").count() == 1
        for scheme, size in (("light", PHONE), ("dark", DESK)):
            page.emulate_media(color_scheme=cast(Any, scheme), reduced_motion="reduce")
            page.set_viewport_size(cast(Any, size))
            found += [f"{path} {scheme}: {fault}" for fault in accessibility_faults(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path}: {wide} px wide on {size['width']}"] if wide > size["width"] else []
    assert found == []


def write(page: Page, text: str) -> None:
    page.locator("#id_text").fill(text)


def test_what_is_wrong_is_said_while_somebody_writes_and_leads_to_its_line(
    open_page: OpenPage, stream: str, otto: Person
) -> None:
    version = make_draft(person=otto)
    page = open_page(reverse("plan_edit", args=[version.plan.key, 1]), person=otto)
    reading = page.locator("#reading")
    expect(reading).to_contain_text("It can be handed in")
    expect(page.locator(".gutter")).to_contain_text("22")
    write(page, plan_text().replace("role: ops", "role: opps"))
    expect(reading).to_contain_text('No role is called "opps". Did you mean "ops"?')
    reading.get_by_role("link", name="Line 22").click()
    selected = page.evaluate(
        "(t => t.value.slice(t.selectionStart, t.selectionEnd))(document.getElementById('id_text'))"
    )
    assert selected == "opps"
    write(page, plan_text() + "  - {id: more, kind: manual, title: One more thing, role: ops, needs: [look]}\n")
    expect(reading.locator("svg.graph")).to_contain_text("One more thing")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    version.refresh_from_db()
    assert "One more thing" in version.text


def test_a_plan_is_written_without_any_script(open_page: OpenPage, stream: str, otto: Person) -> None:
    version = make_draft(person=otto)
    page = open_page(reverse("plan_edit", args=[version.plan.key, 1]), person=otto, script=False)
    write(page, plan_text().replace("role: ops", "role: opps"))
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#reading")).to_contain_text("No role is called")
    assert "opps" in page.locator("#id_text").input_value()
    write(page, plan_text())
    page.get_by_role("button", name="Save and hand in").click()
    expect(page.get_by_text("Handed in.")).to_be_visible()


def test_two_vps_read_what_is_different_and_publish_on_a_phone(
    open_page: OpenPage, stream: str, proposed: PlanVersion, vera: Person
) -> None:
    page = open_page(reverse("plan_version", args=[proposed.plan.key, proposed.number]), person=vera, size=PHONE)
    expect(page.locator(".changes")).to_contain_text("Tell every customer")
    page.get_by_text("The text, line by line").click()
    expect(page.locator(".compare .changed").first).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published. Runs that start from now on use it")).to_be_visible()
    proposed.plan.refresh_from_db()
    assert proposed.plan.published == proposed


def test_paper_fits_a4_in_black_and_white(
    open_page: OpenPage, stream: str, published: PlanVersion, otto: Person
) -> None:
    page = open_page(reverse("plan_paper", args=[published.plan.key, 1]), person=otto, scheme="dark")
    page.emulate_media(media="print")
    paper = page.locator(".paper")
    assert paper.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    assert paper.evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 0)"
    expect(page.locator(".rail")).to_be_hidden()
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 between its margins, at 96 dots an inch
    assert paper.evaluate("e => e.scrollWidth <= e.clientWidth")
