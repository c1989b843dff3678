"""The staff's screens of the status page in a real browser: readable for everyone, by thumb, without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from demonstration.load import load
from engine import clock
from incidents.models import Incident, Service
from incidents.operations.declare import declare
from people.models import Person
from statuspage.models import Component, ImpactChange, Metric, PublicIncident, StatusPage, StatusUpdate, UpdateTemplate
from statuspage.operations.draft_update import draft_incident
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults
from tests.builders import by

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

LISTS = (
    *("status_pages", "status_incidents", "status_maintenance", "status_templates", "status_policies"),
    *("status_metrics", "status_draft", "status_maintenance_add", "status_page_add", "status_template_add"),
    "status_metric_add",
)


@pytest.fixture
def cast_of(transactional_db: None) -> Callable[[str], Person]:
    """Load Harbor Hosting and return the function that finds somebody by first name."""
    load(now=clock.now())
    return lambda name: Person.objects.get(name__startswith=name)


def burning_incident(person: Person) -> Incident:
    """Declare a SEV1 of the web hosting and draft a first word about it."""
    now = clock.now()
    page = StatusPage.objects.get()
    with transaction.atomic():
        incident = declare(
            title="Web cluster 7 lost its storage",
            severity=1,
            service=Service.objects.get(key="shared-hosting"),
            type="hardware",
            by=by(person),
            now=now,
        )
        draft_incident(
            page=page,
            incident=incident,
            name="Some websites don't answer",
            names={"de": "Einige Websites antworten nicht"},
            texts={
                "en": "Some websites don't answer. We are moving them to other machines.",
                "de": "Einige Websites antworten nicht. Wir ziehen sie auf andere Maschinen um.",
            },
            components={Component.objects.get(name="Web hosting").pk: "partial_outage"},
            by=by(person),
            now=now,
        )
    return incident


def addresses(incident: Incident) -> list[str]:
    """Return every staff screen; of those with an id one with something to show."""
    page = StatusPage.objects.get()
    draft = StatusUpdate.objects.get(public_incident__incident=incident)
    told = PublicIncident.objects.get(incident__type="intrusion")
    planned = PublicIncident.objects.filter(status="scheduled", published_at__isnull=False)[0]
    component = Component.objects.get(name="Databases")
    return [
        *(reverse(name) for name in LISTS),
        reverse("incident", args=[incident.number]),
        reverse("status_update", args=[draft.pk]),
        f"{reverse('status_update', args=[draft.pk])}?language=de",
        reverse("status_update_edit", args=[draft.pk]),
        reverse("status_incident", args=[told.pk]),
        reverse("status_incident_draft", args=[told.pk]),
        reverse("status_incident", args=[planned.pk]),
        reverse("status_maintenance_move", args=[planned.pk]),
        reverse("status_maintenance_cancel", args=[planned.pk]),
        reverse("status_components", args=[page.pk]),
        reverse("status_component", args=[component.pk]),
        reverse("status_component_edit", args=[component.pk]),
        reverse("status_component_add", args=[page.pk]),
        reverse("status_group_add", args=[page.pk]),
        reverse("status_group_edit", args=[component.group_id]),
        reverse("status_impact_correct", args=[ImpactChange.objects.filter(component=component)[0].pk]),
        reverse("status_page_edit", args=[page.pk]),
        reverse("status_template_edit", args=[UpdateTemplate.objects.all()[0].pk]),
        reverse("status_policy_edit", args=[1]),
        reverse("status_metric_edit", args=[Metric.objects.all()[0].pk]),
    ]


def test_every_screen_is_accessible_and_fits_a_phone(
    open_page: OpenPage, stream: str, live_server: Any, cast_of: Callable[[str], Person]
) -> None:
    incident = burning_incident(cast_of("Cam"))
    page = open_page("/status-pages/", person=cast_of("Alma"), size=PHONE)
    faults = []
    for path in addresses(incident):
        page.goto(f"{live_server.url}{path}")
        if page.locator("h1").count() != 1:
            faults.append(f"{path}: not one headline")
        faults += _look(page, path)
    assert faults == []


def _look(page: Page, path: str) -> list[str]:
    faults = []
    for scheme, size in (("light", PHONE), ("dark", DESK)):
        page.emulate_media(color_scheme=cast(Any, scheme), reduced_motion="reduce")
        page.set_viewport_size(cast(Any, size))
        faults += [f"{path} {scheme}: {fault}" for fault in accessibility_faults(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        faults += [f"{path}: {wide} px wide on {size['width']}"] if wide > size["width"] else []
    return faults


def test_a_word_to_customers_is_drafted_and_approved_by_thumb_without_any_script(
    open_page: OpenPage, cast_of: Callable[[str], Person]
) -> None:
    web = Component.objects.get(name="Web hosting")
    page = open_page("/status-pages/draft/", person=cast_of("Cam"), size=PHONE, script=False)
    page.get_by_label("Name", exact=True).fill("Some websites don't answer")
    page.get_by_label("What customers read", exact=True).fill("We are looking into it.")
    page.get_by_label("Web hosting").select_option("major_outage")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_text("another person has to approve it")).to_be_visible()
    update = StatusUpdate.objects.get(public_incident__name="Some websites don't answer")
    path = reverse("status_update", args=[update.pk])
    vera = open_page(path, person=cast_of("Vera"), size=PHONE, script=False)
    button = vera.get_by_role("button", name="Approve and publish")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]
    assert box["height"] >= 60
    button.click()
    expect(vera.get_by_text("The page shows it within seconds")).to_be_visible()
    web.refresh_from_db()
    assert web.status == "major_outage"


def test_the_room_says_that_customers_read_something_else(
    open_page: OpenPage, cast_of: Callable[[str], Person]
) -> None:
    incident = burning_incident(cast_of("Cam"))
    page = open_page(reverse("incident", args=[incident.number]), person=cast_of("Vera"), script=False)
    expect(page.get_by_text("is shown as operational on Harbor Hosting")).to_be_visible()
    expect(page.get_by_text("Customers have heard nothing yet")).to_be_visible()
    page.get_by_role("button", name="Approve and publish").click()
    page.goto(page.url)
    page.goto(f"{page.url.partition('/status-pages')[0]}{reverse('incident', args=[incident.number])}")
    expect(page.get_by_text("Customers last heard")).to_be_visible()
    expect(page.get_by_text("is shown as operational on Harbor Hosting")).to_have_count(0)


def test_components_are_put_in_order_without_any_script(open_page: OpenPage, cast_of: Callable[[str], Person]) -> None:
    harbor = StatusPage.objects.get()
    page = open_page(reverse("status_components", args=[harbor.pk]), person=cast_of("Alma"), script=False)
    page.get_by_role("button", name="Databases: one place up").click()
    names = list(Component.objects.filter(group__name="Hosting").order_by("position").values_list("name", flat=True))
    assert names == ["Databases", "Web hosting"]


def test_components_can_be_dragged(open_page: OpenPage, stream: str, cast_of: Callable[[str], Person]) -> None:
    harbor = StatusPage.objects.get()
    page = open_page(reverse("status_components", args=[harbor.pk]), person=cast_of("Alma"))
    with page.expect_response(lambda answer: answer.request.headers.get("x-requested-with") == "live"):
        page.evaluate("dispatchEvent(new Event('online'))")
    rows = page.locator("[data-drag]").first.locator("[data-id]")
    with page.expect_navigation():
        rows.nth(1).drag_to(rows.nth(0), target_position={"x": 20, "y": 2})
    expect(rows.nth(0)).to_contain_text("Databases")


def test_colours_show_while_they_are_typed(open_page: OpenPage, cast_of: Callable[[str], Person]) -> None:
    harbor = StatusPage.objects.get()
    page = open_page(reverse("status_page_edit", args=[harbor.pk]), person=cast_of("Alma"), expected="422")
    page.get_by_label("Colour on white").fill("#7a1fa2")
    shown = page.locator('[data-paper="light"] .sample-link').evaluate("e => getComputedStyle(e).color")
    assert shown == "rgb(122, 31, 162)"
    page.get_by_label("Colour on white").fill("#ffee88")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("can't be read well on white")).to_be_visible()
