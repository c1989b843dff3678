"""The settings screen "Slack", and who is linked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from engine import clock
from ledger.actor import Actor
from ledger.models import Entry
from notifications.models import ContactMethod
from people.models import Person
from rooms.models import SlackInbound, SlackOutgoing, SlackPause, SlackUser, SlackWorkspace
from rooms.slack.operations.link import link, unlink
from rooms.slack.people import link_address
from tests.builders import make_person
from web.errors import IllegalMove

BY = Actor.system()
pytestmark = pytest.mark.django_db(transaction=True)


def linked(person: Person, user_id: str = "U0ADA00001") -> SlackUser:
    with transaction.atomic():
        return link(person=person, team_id="T1", user_id=user_id, name="ada", by=BY, now=clock.now())


def administrator() -> Client:
    browser = Client()
    browser.force_login(make_person("Alma"))
    return browser


def test_the_screen_says_what_is_missing(settings: Settings) -> None:
    settings.SLACK_BOT_TOKEN = settings.SLACK_SIGNING_SECRET = settings.SLACK_APP_TOKEN = ""
    shown = administrator().get(reverse("slack_settings")).content.decode()
    assert "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET" in shown
    assert "Not connected" in shown


def test_the_screen_shows_workspace_people_backlog_and_refusals(settings: Settings) -> None:
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-1", "secret"
    now = clock.now()
    SlackWorkspace.objects.create(team_id="T1", name="Harbor Hosting", checked_at=now)
    linked(make_person("Ada"))
    times = {"not_before": now, "expires_at": now + timedelta(days=1), "created_at": now}
    SlackOutgoing.objects.create(method="chat.update", **times)
    failed = SlackOutgoing.objects.create(
        method="pins.add", state="failed", code="missing_scope", reason="The app lacks a scope.", ended_at=now, **times
    )
    SlackPause.objects.create(team_id="T1", method="views.publish", until=now + timedelta(minutes=5))
    SlackInbound.objects.create(
        key="command:1",
        kind="command",
        name="/incident",
        user_id="U0ADA00001",
        state="failed",
        reason="ValueError: not today",
        not_before=now,
        received_at=now,
        ended_at=now,
    )
    browser = administrator()
    shown = browser.get(reverse("slack_settings")).content.decode()
    expected = ("Harbor Hosting", "Connected", "1 call of Slack waits", "views.publish", "missing_scope", "Ada")
    for words in (*expected, "/incident", "ValueError: not today"):
        assert words in shown
    assert browser.post(reverse("slack_again", args=[failed.pk])).status_code == 302
    failed.refresh_from_db()
    assert (failed.state, failed.ended_at) == ("pending", None)


def test_linking_is_verifying_and_is_recorded_once() -> None:
    ada = make_person("Ada", methods=[])
    assert linked(ada).pk == linked(ada).pk
    method = ContactMethod.objects.get(person=ada)
    assert (method.channel, method.address, method.verified_at is not None) == ("slack", "U0ADA00001", True)
    verbs = list(Entry.objects.filter(subject="settings:people").order_by("seq").values_list("verb", flat=True))
    assert verbs == ["slack.linked", "contact_method.verified"]


def test_a_user_is_one_person_and_a_person_one_user() -> None:
    ada, vic = make_person("Ada", methods=[]), make_person("Vic", methods=[])
    linked(ada)
    with pytest.raises(IllegalMove):
        linked(vic)
    linked(ada, "U0ADA00002")
    assert list(SlackUser.objects.values_list("user_id", flat=True)) == ["U0ADA00002"]
    assert list(ada.contact_methods.values_list("address", flat=True)) == ["U0ADA00002"]
    linked(vic)


def test_unlinking_leaves_nobody_unreachable() -> None:
    ada = make_person("Ada", methods=[])
    user = linked(ada)
    with pytest.raises(IllegalMove), transaction.atomic():
        unlink(slack_user_id=user.pk, by=BY, now=clock.now())
    vic = make_person("Vic")
    other = linked(vic, "U0VIC00001")
    browser = administrator()
    assert browser.post(reverse("slack_unlink", args=[other.pk])).status_code == 302
    assert not SlackUser.objects.filter(person=vic).exists()
    assert not vic.contact_methods.filter(channel="slack").exists()


def test_the_offered_address_expires(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_URL = "http://testserver"
    address = link_address(team_id="T1", user_id="U0ADA00001")
    browser = administrator()
    assert browser.get(f"{address[:-3]}x/").status_code == 404
    monkeypatch.setattr("web.links.time.time", lambda: clock.now().timestamp() + 1801)
    assert browser.get(address).status_code == 410
