"""Page people now, let the provider speak, wait for what follows."""

from __future__ import annotations

import time
from typing import Any

from django.test import Client
from twilio.request_validator import RequestValidator

from engine import clock, duties
from notifications.models import Attempt, Delivery, Page, Responder
from notifications.operations.send_delivery import send_delivery
from people.models import Person
from tests.builders import make_page, make_person, make_policy
from tests.notifications.watching import advance


def page_now(*people: Person, **options: Any) -> Page:
    """Page people at the database's present time, as one level of their own each, and send what is due."""
    now = clock.now()
    page = make_page(make_policy(*((300, [person]) for person in people)), now=now, **options)
    duties.run_once("pages", now=now)
    send_all(page)
    return page


def send_all(page: Page) -> None:
    """Send what is due."""
    for delivery in Delivery.objects.filter(page=page, state="pending").order_by("pk"):
        send_delivery(delivery.pk)


def states(page: Page) -> dict[str, str]:
    """Return each responder's state by name."""
    return {r.person.name: r.state for r in Responder.objects.filter(page=page).select_related("person")}


def wait_until(delivery: Delivery, fits: Any) -> None:
    """Wait until a delivery looks as expected, as callbacks come in."""
    for _ in range(100):
        delivery.refresh_from_db()
        if fits(delivery):
            return
        time.sleep(0.05)
    raise AssertionError(f"The delivery stays {delivery.state} ({delivery.reason}).")


def post_signed(settings: Any, path: str, data: dict[str, str], **headers: str) -> Any:
    """Post to the product as Twilio does, signed."""
    signature = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(settings.PUBLIC_URL + path, data)
    return Client().post(path, data, headers={"X-Twilio-Signature": signature, **headers})


def paged(*methods: str, urgency: str = "high", title: str = "Database server down") -> tuple[Page, list[Delivery]]:
    """Page Ada by these channels and return the page with its deliveries."""
    page = make_page(make_person("Ada", methods=methods), urgency=urgency, title=title)
    advance()
    return page, list(Delivery.objects.filter(page=page).order_by("pk"))


def results(delivery: Delivery) -> list[tuple[str, str]]:
    """Return every attempt as (result, code)."""
    return list(Attempt.objects.filter(delivery=delivery).order_by("id").values_list("result", "code"))
