"""Somebody's Home tab: what stands in it, when it is published, what its buttons do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from eap.models import Vote
from engine import duties
from incidents.operations.take_command import take_command
from notifications.models import Page, Responder
from people.models import Person
from people.operations.phone_pin import set_pin
from rooms.models import SlackHome, SlackWorkspace
from rooms.slack.home.publishing import opened
from rooms.slack.home.view import home_of
from rooms.slack.moving import pages, questions
from tests.builders import NOW, by, make_page, make_person, make_policy, make_tier
from tests.eap.runs.builders import begin, go, make_version, page_of, step
from tests.incidents.builders import Company, make_company, make_incident, pass_time
from tests.rooms.slack_rooms.limits import check_view
from tests.rooms.slack_rooms.workplace import came, connect, deliver, link, look, waiting, whispered
from web.errors import IllegalMove, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def c(settings: Settings) -> Company:
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-test", "secret"
    connect()
    company = make_company()
    link(*company.people.values())
    return company


def read(person: Person) -> str:
    view = home_of(person, now=NOW)
    check_view(view)
    return str(view)


def open_home(person: Person, *, at: float = 0) -> None:
    event = {"event": {"type": "app_home_opened", "tab": "home"}}
    opened(came("event", "app_home_opened", person, payload=event, at=NOW + timedelta(seconds=at)))


def test_it_shows_my_pages_with_buttons_what_is_open_and_who_is_on_call(c: Company) -> None:
    incident = make_incident("Power <lost>", declared_by=c.mia, severity=2)
    pass_time(0)
    home = read(c.otto)
    assert "Power &lt;lost&gt;" in home
    assert "waiting:acknowledge" in home
    assert f"/incidents/{incident.number}/" in home
    assert "Hosting" in home
    assert "waiting:acknowledge" not in read(c.sid)


def test_a_private_incident_is_at_most_a_number_of_pages_without_words(c: Company) -> None:
    incident = make_incident("Insider", declared_by=c.ada, severity=1, private=True)
    pass_time(0)
    home = read(c.ada)
    assert "Insider" not in home
    assert str(incident.number) not in home
    assert "1 more in Muster" in home
    SlackWorkspace.objects.update(private_channels=True)
    assert str(incident.number) in read(c.ada)


def test_who_may_read_nothing_sees_only_what_is_theirs(c: Company) -> None:
    make_incident("Power lost", declared_by=c.mia, severity=2)
    c.sid.is_active = False
    home = read(c.sid)
    assert "Power lost" not in home
    assert "home:declare" not in home


def test_a_button_answers_every_page_about_the_same_incident(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=1)
    pass_time(0)
    page = Page.objects.filter(subject=incident.subject, responders_called__person=c.mia).first()
    assert page is not None
    pages.answer_waiting(came("action", "waiting:acknowledge", c.mia, value=str(page.pk)))
    assert "Mia, you have acknowledged it." in whispered()
    assert {each.state for each in Responder.objects.filter(person=c.mia)} == {"acknowledged"}
    with pytest.raises(NotFound, match="does not wait for you any more"):
        pages.answer_waiting(came("action", "waiting:acknowledge", c.mia, value=str(page.pk)))
    with pytest.raises(NotFound):
        pages.answer_waiting(came("action", "waiting:acknowledge", c.sid, value="no page"))


def test_it_is_published_when_opened_and_again_only_when_it_changed(c: Company) -> None:
    open_home(c.otto)
    (first,) = waiting("views.publish")
    check_view(first.arguments["view"])
    deliver()
    look(20)
    assert waiting("views.publish") == []
    incident = make_incident("Power lost", declared_by=c.mia, severity=3, now=NOW + timedelta(seconds=30))
    look(30)
    look(40)
    assert "Power lost" in str(waiting("views.publish")[0].arguments)
    deliver(41)
    for second in (45, 46, 47):
        with transaction.atomic():
            holder = c.sid if second % 2 else c.otto
            take_command(incident_id=incident.pk, person=holder, by=by(c.mia), now=NOW + timedelta(seconds=second))
        look(second)
    assert len(waiting("views.publish")) <= 1
    look(60)
    (last,) = waiting("views.publish")
    assert "command: Sid" in str(last.arguments)


def test_tabs_that_nobody_opened_for_a_day_are_left_alone(c: Company) -> None:
    open_home(c.otto)
    deliver()
    SlackHome.objects.update(opened_at=NOW - timedelta(days=2))
    make_incident("Power lost", declared_by=c.mia, severity=3)
    look(60)
    assert waiting("views.publish") == []


def test_the_tab_of_somebody_who_left_is_taken_down(c: Company) -> None:
    open_home(c.otto)
    deliver()
    user = SlackHome.objects.get().user_id
    Person.objects.filter(pk=c.otto.pk).update(is_active=False)
    look(130)
    (last,) = waiting("views.publish")
    check_view(last.arguments["view"])
    assert last.arguments["user_id"] == user
    assert "Hosting" not in str(last.arguments)
    assert not SlackHome.objects.exists()


def asked(c: Company, *, destructive: bool) -> Page:
    """Let a plan ask Ada, who is the only one of her tier, for her yes."""
    tier = make_tier("deciders", c.ada)
    approval: dict[str, Any] = {"roles": ["leader"], "destructive": destructive, "of": "Wipe web1."}
    version = make_version(
        [step("agree", "approval", approval=approval)], roles={"leader": {"title": "Leader", "tier": tier.key}}
    )
    run = begin(version, who=c.otto, now=NOW)
    go(NOW)
    page = page_of(run, "agree")
    duties.run_once("pages", now=NOW)
    return page


def button(home: dict[str, Any], name: str) -> str:
    """Return the value of a button."""
    rows = [block for block in home["blocks"] if block["type"] == "actions"]
    found = [each for row in rows for each in row["elements"] if each["action_id"] == name]
    return str(found[0]["value"])


def test_a_yes_that_can_be_taken_back_is_given_in_slack(c: Company) -> None:
    asked(c, destructive=False)
    home = home_of(c.ada, now=NOW)
    assert "Wipe web1." in str(home)
    press = came("action", "question:approve", c.ada, value=button(home, "question:approve"))
    questions.decide(press)
    assert "You approved" in whispered()
    vote = Vote.objects.get()
    assert (vote.person, vote.answer, vote.via, vote.second_factor) == (c.ada, "approve", "slack", False)


@pytest.mark.parametrize("destructive", [True, False])
def test_a_yes_that_takes_more_leads_to_the_sign_in(c: Company, destructive: bool) -> None:
    asked(c, destructive=destructive)
    if not destructive:
        with transaction.atomic():
            set_pin(person_id=c.ada.pk, pin="7391", proof="password", by=by(c.ada), now=NOW)
    value = button(home_of(c.ada, now=NOW), "question:approve")
    with pytest.raises(IllegalMove, match=r"more than a press in Slack.*/runs/"):
        questions.decide(came("action", "question:approve", c.ada, value=value))
    assert not Vote.objects.exists()
    questions.decide(came("action", "question:deny", c.ada, value=value))
    assert Vote.objects.get().answer == "deny"


def test_a_yes_to_something_else_than_was_shown_is_not_taken(c: Company) -> None:
    page = asked(c, destructive=False)
    with pytest.raises(IllegalMove, match="has changed since you were told"):
        questions.decide(came("action", "question:approve", c.ada, value=f"{page.pk}|{'0' * 64}"))
    with pytest.raises(NotFound, match="asked of somebody else"):
        questions.decide(came("action", "question:approve", c.vic, value=f"{page.pk}|{'0' * 64}"))
    assert not Vote.objects.exists()


def test_a_page_that_stands_alone_has_its_buttons_too(c: Company) -> None:
    nora = make_person("Nora")
    link(nora)
    page = make_page(make_policy((300, [nora])))
    duties.run_once("pages", now=NOW)
    assert f"page:{page.pk}" in read(nora)
