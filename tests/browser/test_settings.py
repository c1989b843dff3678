"""The administration in a real browser: readable for everyone, on a phone and a desk, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from demonstration.load import load
from engine import clock
from incidents.models import Incident, Service
from intake.models import Alert, Heartbeat, IntegrationKey, Quarantined, RoutingRule
from notifications.models import EscalationPolicy
from people.models import Person, Schedule, Tier
from tests.browser.conftest import DESK, PHONE, OpenPage, accessibility_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

LISTS = [
    *("settings", "people", "teams", "tiers", "schedules", "policies", "services", "severities", "rules", "keys"),
    *("tokens", "readiness", "alerts", "quarantine", "deliveries", "delivery_health", "ledger", "heartbeats"),
]
FORMS = ["person_add", "team_add", "tier_add", "schedule_add", "policy_add", "service_add", "rule_add", "key_add"]
FORMS += ["heartbeat_add"]


@pytest.fixture
def alma(transactional_db: None) -> Person:
    """Load Harbor Hosting and return its administrator."""
    load(now=clock.now())
    now = clock.now()
    Quarantined.objects.create(path="v2/enqueue", reason="'payload' is missing", body=b"{}", received_at=now)
    Alert.objects.create(
        integration=IntegrationKey.objects.filter(kind="events_v2")[0],
        dedup_key="db-3",
        summary="Replication stopped",
        source="db-3",
        severity="critical",
        fields={"component": "mysql"},
        first_seen=now,
        last_seen=now,
        routed_at=now,
    )
    return Person.objects.administrators()[0]


def addresses() -> list[str]:
    """Return every page of the administration; of those with an id one with something to show."""
    schedule = Schedule.objects.all()[0]
    ledger = f"{reverse('ledger')}?subject={Incident.objects.all()[0].subject}"
    return [
        *(reverse(name) for name in (*LISTS, *FORMS)),
        reverse("person", args=[Person.objects.active()[0].pk]),
        reverse("schedule", args=[schedule.pk]),
        reverse("rotation_add", args=[schedule.pk]),
        reverse("override_add", args=[schedule.pk]),
        reverse("tier_edit", args=[Tier.objects.all()[0].pk]),
        reverse("policy_edit", args=[EscalationPolicy.objects.all()[0].pk]),
        reverse("service_edit", args=[Service.objects.all()[0].pk]),
        reverse("severity_edit", args=[1]),
        reverse("rule_edit", args=[RoutingRule.objects.all()[0].pk]),
        reverse("key", args=[IntegrationKey.objects.filter(kind="events_v2")[0].pk]),
        reverse("key", args=[IntegrationKey.objects.filter(kind="webhook")[0].pk]),
        f"{reverse('key_mapping', args=[IntegrationKey.objects.filter(kind='webhook')[0].pk])}?like=uptime-kuma",
        reverse("alert", args=[Alert.objects.all()[0].pk]),
        reverse("heartbeat", args=[Heartbeat.objects.all()[0].pk]),
        reverse("heartbeat_edit", args=[Heartbeat.objects.all()[0].pk]),
        ledger,
    ]


def look_at_each(page: Page, live_server: Any, look: Callable[[str], list[str]]) -> list[str]:
    """Open every page of the administration and return what is wrong with it."""
    found = []
    for path in addresses():
        page.goto(f"{live_server.url}{path}")
        if page.locator("h1").count() != 1:
            found.append(f"{path}: not one headline")
        found += look(path)
    return found


def test_every_page_is_accessible_and_fits_a_phone(
    open_page: OpenPage, stream: str, live_server: Any, alma: Person
) -> None:
    page = open_page("/people/", person=alma, size=PHONE)

    def look(path: str) -> list[str]:
        faults = []
        for scheme, size in (("light", PHONE), ("dark", DESK)):
            page.emulate_media(color_scheme=cast(Any, scheme), reduced_motion="reduce")
            page.set_viewport_size(cast(Any, size))
            faults += [f"{path} {scheme}: {fault}" for fault in accessibility_faults(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            faults += [f"{path}: {wide} px wide on {size['width']}"] if wide > size["width"] else []
        return faults

    assert look_at_each(page, live_server, look) == []


def test_a_policy_is_made_without_any_script(open_page: OpenPage, alma: Person) -> None:
    page = open_page("/policies/new/", person=alma, size=PHONE, script=False)
    page.get_by_label("Name").fill("Nights")
    places = page.get_by_role("group", name="Calls").first
    places.get_by_label("Place 1").select_option(label="Engineer on call")
    page.get_by_role("button", name="Another level").click()
    page.get_by_role("group", name="Calls").nth(1).get_by_label("Place 1").select_option(label="Managers")
    page.get_by_role("button", name="Show in words").click()
    expect(page.locator("#words")).to_contain_text("At once: Engineer on call")
    expect(page.locator("#words")).to_contain_text("After 5 min: Managers")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The policy is saved")).to_be_visible()
    assert EscalationPolicy.objects.get(name="Nights").levels.count() == 2


def test_a_rule_is_tried_before_it_is_saved(open_page: OpenPage, alma: Person) -> None:
    page = open_page("/rules/new/", person=alma, script=False)
    page.get_by_label("Name").fill("MySQL")
    page.get_by_label("Field").first.fill("component")
    page.get_by_label("Value").first.fill("mysql")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#trial")).to_contain_text("Would have matched 1 of the last 1 alerts")
    expect(page.get_by_label("Name")).to_have_value("MySQL")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The rule is saved")).to_be_visible()


def test_a_mapping_is_tried_on_a_body_before_it_is_saved(open_page: OpenPage, alma: Person) -> None:
    key = IntegrationKey.objects.get(kind="webhook")
    page = open_page(reverse("key", args=[key.pk]), person=alma, size=PHONE, script=False)
    page.get_by_role("link", name="How it is read").click()
    page.get_by_label("A body to try it on").fill('{"what": "Smoke", "where": "hall 2"}')
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("no summary and no dedup key was found")).to_be_visible()
    page.get_by_label("What is wrong").fill("{what} in {where}")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#trial")).to_contain_text("Smoke in hall 2")
    expect(page.locator("#trial")).to_contain_text("Opens an alert")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The mapping is saved")).to_be_visible()
    key.refresh_from_db()
    assert key.mapping == {"summary": "{what} in {where}"}


def test_deactivating_asks_again_and_can_be_undone(open_page: OpenPage, alma: Person) -> None:
    ada = Person.objects.get(title="CEO")
    page = open_page(f"/people/{ada.pk}/", person=alma, size=PHONE, script=False)
    page.get_by_role("button", name="Deactivate").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("can't sign in or be paged any more")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("is back")).to_be_visible()


def test_a_heartbeat_is_made_and_deleted_without_any_script(open_page: OpenPage, alma: Person) -> None:
    page = open_page("/heartbeats/new/", person=alma, size=PHONE, script=False)
    page.get_by_label("Name").fill("Certificates")
    page.get_by_text("at times of day, as cron starts it").click()
    page.get_by_label("Cron expression").fill("30 4 * * MON")
    page.get_by_label("Grace").fill("1 h")
    page.get_by_role("button", name="Show the next times").click()
    expect(page.locator("#times")).to_contain_text("30 4 * * MON (UTC)")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is waited for")).to_be_visible()
    expect(page.locator("#heartbeat")).to_contain_text("Never heard")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("It is paused")).to_be_visible()
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The heartbeat is gone")).to_be_visible()
    assert not Heartbeat.objects.filter(integration__name="Certificates").exists()
