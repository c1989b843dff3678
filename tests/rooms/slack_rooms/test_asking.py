"""`/incident` and its verbs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from incidents.models import Incident
from notifications.models import Page, Responder
from people.models import Person
from rooms.slack.asking.command import answer_at_once, carry_out_later
from rooms.slack.asking.reading import Asked, read
from tests.builders import make_person
from tests.incidents.builders import Company, called, make_company, make_incident, pass_time
from tests.rooms.slack_rooms.limits import check_message
from tests.rooms.slack_rooms.workplace import bring_up, came, channel_of, connect, link, user_of, whispered
from web.errors import BadInput, NotAllowed, NotFound, Refusal


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("", Asked(verb="declare")),
        ("declare Power &amp; light", Asked(verb="declare", rest="Power & light")),
        ("  LIST ", Asked(verb="list")),
        ("ack", Asked(verb="ack")),
        ("ack 1042.", Asked(verb="ack", number="1042")),
        ("status #1042", Asked(verb="status", number="1042")),
        ("status of mail", Asked(verb="help", rest="status of mail")),
        ("on-call", Asked(verb="oncall")),
        ("page <@U12345|otto> mail is stuck", Asked(verb="page", slack_user="U12345", rest="mail is stuck")),
        ("page @otto", Asked(verb="page", name="otto")),
        ("page", Asked(verb="page")),
        ("frobnicate it", Asked(verb="help", rest="frobnicate it")),
        ("list", Asked(verb="list")),
    ],
)
def test_reading(typed: str, asked: Asked) -> None:
    assert read(typed) == asked


@pytest.fixture
def c() -> Company:
    connect()
    company = make_company()
    link(*company.people.values())
    return company


def ask(person: Person, text: str, **more: Any) -> str:
    """Return what /incident answers at once, checked against Slack's limits, as one text."""
    body = answer_at_once(came("command", "/incident", person, text=text, **more))
    if body is None:
        return ""
    assert body["response_type"] == "ephemeral"
    check_message(body)
    return str(body)


@pytest.mark.django_db
def test_list_shows_what_is_open_worst_first_and_nothing_private(c: Company) -> None:
    make_incident("Small <thing>", declared_by=c.mia, severity=4)
    make_incident("Big thing", declared_by=c.mia, severity=2)
    make_incident("Insider", declared_by=c.ada, severity=1, private=True)
    said = ask(c.ada, "list")
    assert said.index("Big thing") < said.index("Small &lt;thing&gt;")
    assert "Insider" not in said
    assert "private" not in said


@pytest.mark.django_db
def test_with_private_channels_those_who_may_see_it_read_of_a_private_incident(c: Company) -> None:
    from rooms.models import SlackWorkspace

    SlackWorkspace.objects.update(private_channels=True)
    incident = make_incident("Insider", declared_by=c.ada, severity=3, private=True)
    assert str(incident.number) in ask(c.ada, "list")
    assert str(incident.number) not in ask(c.sid, "list")


@pytest.mark.django_db
def test_status_by_number_and_in_its_channel(c: Company) -> None:
    incident = make_incident("Mail down", declared_by=c.mia, severity=2)
    assert "Mail down" in ask(c.otto, f"status {incident.number}")
    with pytest.raises(NotFound):
        ask(c.otto, "status 999999")
    private = make_incident("Insider", declared_by=c.ada, severity=3, private=True)
    with pytest.raises(NotFound):
        ask(c.ada, f"status {private.number}")


@pytest.mark.django_db
def test_oncall_names_who_is(c: Company) -> None:
    said = ask(c.sid, "oncall")
    assert "Hosting" in said
    assert "Otto" in said


@pytest.mark.django_db
def test_nonsense_is_answered_with_what_may_be_said(c: Company) -> None:
    said = ask(c.sid, "<!channel> do something")
    assert "means nothing here" in said
    assert "/incident list" in said


@pytest.mark.django_db
def test_who_left_reads_nothing(c: Company) -> None:
    c.sid.is_active = False
    with pytest.raises(NotAllowed):
        ask(c.sid, "list")


@pytest.mark.django_db
def test_ack_answers_what_waits_and_says_so(c: Company) -> None:
    incident = make_incident("Mail down", declared_by=c.mia, severity=2)
    pass_time(0)
    assert ask(c.otto, "ack") == ""
    carry_out_later(came("command", "/incident", c.otto, text="ack"))
    assert "Otto, you have acknowledged it." in whispered()
    responder = Responder.objects.get(page__subject=incident.subject, person=c.otto)
    assert (responder.state, responder.via) == ("acknowledged", "slack")


@pytest.mark.django_db
def test_ack_wants_to_know_which_one_when_two_wait(c: Company) -> None:
    first = make_incident("Mail down", declared_by=c.mia, severity=2)
    second = make_incident("Disk full", declared_by=c.mia, severity=2)
    pass_time(0)
    with pytest.raises(BadInput, match=str(second.number)):
        carry_out_later(came("command", "/incident", c.otto, text="ack"))
    carry_out_later(came("command", "/incident", c.otto, text=f"ack {first.number}"))
    states = Responder.objects.filter(person=c.otto).values_list("page__subject", "state")
    assert dict(states) == {first.subject: "acknowledged", second.subject: "called"}


@pytest.mark.django_db
def test_page_calls_whoever_is_mentioned(c: Company) -> None:
    carry_out_later(came("command", "/incident", c.mia, text=f"page <@{user_of(c.sid)}|sid> a strange login"))
    page = Page.objects.get()
    assert (page.title, page.subject) == ("a strange login", "")
    assert "Sid will be called now." in whispered()


@pytest.mark.django_db
def test_page_repeated_by_slack_calls_once(c: Company) -> None:
    twice = came("command", "/incident", c.mia, text="page @Sid a strange login", key="command:1")
    carry_out_later(twice)
    carry_out_later(twice)
    assert Page.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_page_in_a_channel_calls_to_the_incident(c: Company, settings: Any) -> None:
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-test", "secret"
    incident = make_incident("Mail down", declared_by=c.mia, severity=3)
    bring_up()
    room = channel_of(incident).channel_id
    carry_out_later(came("command", "/incident", c.mia, text=f"page <@{user_of(c.sid)}>", channel=room))
    pass_time(1)
    assert "Sid" in called(incident)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "text", "refusal"),
    [
        ("mia", "page <@U99999> help", NotFound),
        ("mia", "page @nobody help", NotFound),
        ("mia", "page", BadInput),
        ("mia", "page @Sid", BadInput),
        ("sam", "page @Sid help", NotAllowed),
        ("sid", "ack", NotFound),
    ],
)
def test_refusals(c: Company, who: str, text: str, refusal: type[Refusal]) -> None:
    person = make_person("Sam") if who == "sam" else getattr(c, who)
    if who == "sam":
        link(person)
    with pytest.raises(refusal):
        carry_out_later(came("command", "/incident", person, text=text))
    assert not Page.objects.exists()
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_what_only_reads_does_nothing_after(c: Company) -> None:
    with transaction.atomic():
        carry_out_later(came("command", "/incident", c.mia, text="list"))
    assert whispered() == ""
