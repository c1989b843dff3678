"""The installed app in a real Chromium: the service worker shows what is pushed, and answers for the person."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as product
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from notifications.models import ContactMethod, Delivery
from notifications.models import Page as Paged
from people.models import Person
from tests.browser.conftest import PHONE, OpenPage, accessibility_faults
from tests.builders import make_person
from tests.notifications.answering import page_now
from tests.notifications.channels.push_service import Device, PushService, push_service

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

SUBSCRIBES = """
(() => {
  const given = %s;
  const subscription = { endpoint: given.endpoint, options: {}, toJSON: () => given, unsubscribe: async () => true };
  let on = false;
  PushManager.prototype.getSubscription = async () => (on || given.on ? subscription : null);
  PushManager.prototype.subscribe = async (options) => {
    window.asked = { visible: options.userVisibleOnly, bytes: options.applicationServerKey.length };
    on = true;
    return subscription;
  };
})();
"""
"""A test machine reaches no vendor's push service: the browser's own subscribing is all that is stood in for."""


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    """A push service."""
    with push_service() as running:
        yield running


@pytest.fixture
def ada(transactional_db: None, settings: Any, live_server: Any) -> Person:
    """Ada, without any way to reach her yet; the push service may be reached."""
    settings.PUBLIC_URL = live_server.url
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    return make_person("Ada", methods=[])


@pytest.fixture
def phone(chromium: Browser, live_server: Any, ada: Person) -> Iterator[BrowserContext]:
    """Ada's phone, signed in and asked for notifications before."""
    context = chromium.new_context(viewport={"width": PHONE["width"], "height": PHONE["height"]})
    context.grant_permissions(["notifications"], origin=live_server.url)
    client = Client()
    client.force_login(ada)
    name = product.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    yield context
    context.close()


def contacts(phone: BrowserContext, url: str, device: Device, *, on: bool = False) -> Page:
    """Open "How I am reached" in a browser whose subscribing leads to our push service."""
    page = phone.new_page()
    page.add_init_script(SUBSCRIBES % json.dumps({**device.subscription(), "on": on}))
    page.goto(f"{url}/me/contacts/")
    return page


def test_one_press_turns_the_device_on(
    phone: BrowserContext, live_server: Any, ada: Person, service: PushService
) -> None:
    device = service.device()
    page = contacts(phone, live_server.url, device)
    button = page.get_by_role("button", name="Turn on notifications on this device")
    expect(button).to_be_visible()
    assert accessibility_faults(page) == []
    with page.expect_navigation():
        button.click()
    method = ContactMethod.objects.get(person=ada)
    assert device.endpoint not in page.content()
    again = contacts(phone, live_server.url, device, on=True)
    expect(again.get_by_text("On: this device is one of the ways to reach you.")).to_be_visible()
    expect(again.get_by_role("button", name="Turn on notifications on this device")).to_be_hidden()
    expect(again.get_by_text(method.label).first).to_be_visible()


def test_what_is_pushed_is_shown_and_its_button_takes_the_page(
    phone: BrowserContext, live_server: Any, ada: Person, service: PushService
) -> None:
    device = service.device()
    page = contacts(phone, live_server.url, device)
    with page.expect_navigation():
        page.get_by_role("button", name="Turn on notifications on this device").click()
    service.took.clear()
    paged = page_now(ada, title="Power lost in hall 2")
    (pushed,) = service.took
    worker = phone.service_workers[0] if phone.service_workers else phone.wait_for_event("serviceworker")
    deliver(phone, page, live_server.url, json.dumps(device.read(pushed.body)))
    worker.evaluate(NOTIFIED)
    shown = worker.evaluate("self.registration.getNotifications().then((all) => all.map((n) => [n.title, n.actions]))")
    assert [(title, [action["action"] for action in actions]) for title, actions in shown] == [
        (device.read(pushed.body)["title"], ["acknowledge"])
    ]
    wait_for(page, lambda: Delivery.objects.get(page=paged).state == "delivered")
    worker.evaluate(PRESSED)
    wait_for(page, lambda: Paged.objects.get(pk=paged.pk).state == "acknowledged")
    wait_for(
        page,
        lambda: (
            "acknowledged"
            in str(worker.evaluate("self.registration.getNotifications().then((all) => all.map((n) => n.body))"))
        ),
    )


def test_a_browser_that_is_reached_elsewhere_says_so_by_itself(
    phone: BrowserContext, live_server: Any, ada: Person, service: PushService
) -> None:
    device, elsewhere = service.device(), service.device()
    page = contacts(phone, live_server.url, device)
    with page.expect_navigation():
        page.get_by_role("button", name="Turn on notifications on this device").click()
    method = ContactMethod.objects.get(person=ada)
    worker = phone.service_workers[0] if phone.service_workers else phone.wait_for_event("serviceworker")
    phone.clear_cookies()  # long after the last visit
    worker.evaluate(CHANGED, elsewhere.subscription())
    wait_for(page, lambda: ContactMethod.objects.get(person=ada).address != method.address)
    service.took.clear()
    page_now(ada, title="Power lost in hall 2")
    (pushed,) = service.took
    assert "Power lost in hall 2" in elsewhere.read(pushed.body)["title"]


def test_the_manifest_makes_it_installable(phone: BrowserContext, live_server: Any, service: PushService) -> None:
    page = contacts(phone, live_server.url, service.device())
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session = phone.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert urlsplit(manifest["url"]).path == "/app.webmanifest"

    def in_the_way() -> list[str]:
        errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
        # A test's browser is always a private window; nothing else may stand in the way.
        return [each["errorId"] for each in errors if each["errorId"] != "in-incognito"]

    wait_for(page, lambda: not in_the_way())


def test_without_script_it_says_why_not(open_page: OpenPage, ada: Person) -> None:
    page = open_page("/me/contacts/", person=ada, script=False)
    expect(page.get_by_text("This browser can't")).to_be_visible()
    expect(page.get_by_role("button", name="Turn on notifications on this device")).to_be_hidden()


NOTIFIED = """
async () => {
  for (let turn = 0; turn < 300; turn += 1) {
    if ((await self.registration.getNotifications()).length) return true;
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error("nothing was shown");
}
"""
PRESSED = """
async () => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action: "acknowledge" }));
}
"""
"""What the browser does when somebody presses the button in a notification, which lies outside every page."""
CHANGED = """
(given) => {
  PushManager.prototype.subscribe = async () => ({ toJSON: () => given });
  self.dispatchEvent(new ExtendableEvent("pushsubscriptionchange"));
}
"""
"""What the browser does when its push service takes an endpoint back; it says neither the old one nor the new."""


def deliver(phone: BrowserContext, page: Page, origin: str, words: str) -> None:
    """Let the browser hand a decrypted message to the service worker, as it does when its push service rings."""
    session = phone.new_cdp_session(page)
    seen: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: seen.extend(each["registrationId"] for each in told["registrations"] if not each["isDeleted"]),
    )
    session.send("ServiceWorker.enable")
    wait_for(page, lambda: bool(seen))
    session.send("ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": seen[-1], "data": words})


def wait_for(page: Page, question: Any) -> None:
    """Wait until it is so; the browser goes on meanwhile."""
    for _ in range(150):
        if question():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not come to that.")
