"""Slack's addresses against what is signed and still odd, and against who has lost the right to answer."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import transaction
from pytest_django import Settings

from engine import clock
from ledger.actor import Actor
from notifications import page_links
from notifications.models import ContactMethod, Delivery, Page
from rooms.models import SlackInbound, SlackOutgoing, SlackUser
from rooms.slack.operations.link import link, unlink
from rooms.slack.working import work_off
from tests.builders import make_method, make_page, make_person
from tests.rooms.slack.knocking import SECRET, envelope, knock, pressed

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "U0ADA00001"


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    settings.SLACK_SIGNING_SECRET, settings.SLACK_BOT_TOKEN = SECRET, "xoxb-test"
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"


def paged() -> Delivery:
    """Return a message of a page that Ada got in Slack, where she is linked."""
    ada = make_person("Ada", methods=["sms"])
    with transaction.atomic():
        link(person=ada, team_id="T0HARBOR1", user_id=ADA, name="Ada", by=Actor.system(), now=clock.now())
    now = clock.now()
    page = make_page(ada, now=now)
    return Delivery.objects.create(
        person=ada,
        page=page,
        contact_method=ContactMethod.objects.get(channel="slack"),
        kind=Delivery.Kind.PAGE,
        channel="slack",
        provider="slack",
        address=ADA,
        state=Delivery.State.SENT,
        sent_at=now,
        not_before=now,
        created_at=now,
    )


def acknowledge(delivery: Delivery) -> str:
    """Press the button under the message; return what became of the page."""
    value = page_links.sign("slack", delivery.pk, expires_at=clock.now() + timedelta(hours=1))
    assert knock("/slack/interactions", pressed("page:acknowledge", value=value)).status_code == 200
    work_off(now=clock.now())
    return Page.objects.get().state


def test_whoever_got_the_message_answers_it() -> None:
    assert acknowledge(paged()) == Page.State.ACKNOWLEDGED


def test_an_account_that_was_taken_away_answers_for_nobody() -> None:
    delivery = paged()
    with transaction.atomic():
        unlink(slack_user_id=SlackUser.objects.get().pk, by=Actor.system(), now=clock.now())
    assert acknowledge(delivery) == Page.State.PAGING
    told = SlackOutgoing.objects.filter(method="response_url").get().arguments["text"]
    assert "not one of theirs any more" in told


def test_somebody_who_left_answers_nothing() -> None:
    delivery = paged()
    delivery.person.is_active = False
    delivery.person.save(update_fields=["is_active"])
    assert acknowledge(delivery) == Page.State.PAGING


@pytest.mark.parametrize(
    "odd",
    [
        "\ud800",
        "a\0b",
        float("nan"),
        float("inf"),
        10**400,
        {"\udfff": ["\ud83d"]},
        {"x" * 300_000: 1},
    ],
)
def test_what_no_database_stores_is_kept_without_it(odd: object) -> None:
    make_method(make_person("Ada", methods=[]), "slack", address=ADA)
    body = envelope({"type": "app_home_opened", "user": ADA, "tab": "home", "odd": odd})
    assert knock("/slack/events", body, kind="application/json").status_code in (200, 204)
    assert SlackInbound.objects.count() == 1
    form = urlencode({"payload": json.dumps({"type": "block_actions", "user": {"id": ADA}, "odd": odd})}).encode()
    assert knock("/slack/interactions", form).status_code == 200


@pytest.mark.parametrize("depth", [400, 900, 20_000])
def test_what_is_nested_without_end_is_left(depth: int) -> None:
    body = b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_home_opened", "user": "U1", "x": '
    body += b"[" * depth + b"]" * depth + b"}}"
    assert knock("/slack/events", body, kind="application/json").status_code in (200, 204)
    assert knock("/slack/interactions", urlencode({"payload": body}).encode()).status_code in (200, 204)


def test_a_body_that_is_too_long_is_refused_unread() -> None:
    body = envelope({"type": "app_home_opened", "user": ADA, "text": "x" * 1_000_000})
    assert knock("/slack/events", body, kind="application/json").status_code == 403
    assert not SlackInbound.objects.exists()
