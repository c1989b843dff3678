"""A customer signs up, confirms, chooses and leaves, in a real Chromium and with a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from engine import clock
from people.models import Role
from statuspage.models import Subscriber
from statuspage.subscribers.letters import send_letters
from tests.browser.conftest import PHONE, OpenPage, accessibility_faults
from tests.builders import make_person
from tests.statuspage.builders import make_component, make_group, make_page, make_public_incident
from tests.statuspage.subscribers.mail_server import Mailbox, mail_server
from tests.statuspage.subscribers.subscribing import make_subscriber, send_everything

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """What the customer is sent."""
    with mail_server() as box:
        yield box


def link_in(mail: EmailMessage, purpose: str) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"(/status-pages/{purpose}/\S+)", body.get_content())
    assert found
    return found[1]


@pytest.mark.parametrize(("script", "scheme"), [(True, "light"), (False, "dark")])
def test_a_customer_signs_up_confirms_chooses_and_leaves(
    open_page: OpenPage, mailbox: Mailbox, live_server: Any, settings: Any, script: bool, scheme: str
) -> None:
    settings.PUBLIC_URL = live_server.url
    page = make_page()
    group = make_group(page)
    web, mail = make_component(page, "Web hosting", group=group), make_component(page, "Mail", group=group)

    screen = open_page(
        f"/status-pages/{page.pk}/subscribe", size=PHONE, scheme=scheme, script=script, expected="404 (Not Found)"
    )
    screen.get_by_label("By e-mail").check()
    screen.get_by_label("E-mail address, mobile number").fill("ada@customer.example")
    screen.get_by_label("Only these:").check()
    screen.get_by_label("Web hosting").check()
    if script:
        assert accessibility_faults(screen) == []
    screen.wait_for_timeout(2100)  # nobody is that fast
    screen.get_by_role("button", name="Subscribe").click()
    assert "We write to ada@customer.example now" in screen.inner_text("main")
    send_letters(now=clock.now())

    screen.goto(live_server.url + link_in(mailbox.to("ada@customer.example"), "confirm"))
    assert Subscriber.objects.get().state == "pending"
    screen.get_by_role("button", name="Yes, confirm").click()
    assert "You are subscribed" in screen.inner_text("main")
    if script:
        assert accessibility_faults(screen) == []
    assert list(Subscriber.objects.get(state="active").components.all()) == [web]

    screen.get_by_role("link", name="Choose what you hear of").click()
    assert screen.get_by_label("Web hosting").is_checked()
    screen.get_by_label("Mail").check()
    screen.get_by_label("Web hosting").uncheck()
    screen.get_by_role("button", name="Save").click()
    assert "Saved." in screen.inner_text("main")
    if script:
        assert accessibility_faults(screen) == []

    make_public_incident(page, components={mail: "partial_outage"}, now=clock.now())
    send_everything(clock.now())
    update = mailbox.mails()[-1]
    assert update["Subject"] == "[Harbor Hosting] Investigating: Websites do not answer"
    screen.goto(live_server.url + link_in(update, "unsubscribe"))
    screen.get_by_role("button", name="Unsubscribe").click()
    assert "You get no more updates" in screen.inner_text("main")
    assert Subscriber.objects.get().state == "ended"
    assert screen.context.cookies() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_staffs_list_is_fit_for_everybody(open_page: OpenPage, scheme: str) -> None:
    page = make_page()
    for state in ("active", "pending", "quarantined", "ended"):
        make_subscriber(page, f"{state}@customer.example", state=state)
    alma = make_person("Alma", role=Role.ADMINISTRATOR)
    screen = open_page("/status-pages/subscribers/", person=alma, scheme=scheme)
    assert accessibility_faults(screen) == []
    screen.get_by_role("button", name=re.compile("Reactivate.*quarantined@customer.example")).click()
    assert Subscriber.objects.get(address="quarantined@customer.example").state == "active"
