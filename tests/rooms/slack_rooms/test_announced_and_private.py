"""Grave incidents are announced; private ones appear nowhere, or in a channel of those who take part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import Settings

from incidents.operations.change_severity import change_severity
from rooms.slack.incident_rooms.guarding import joined
from tests.builders import NOW, by, make_person
from tests.incidents.builders import Company, make_company, make_incident, pass_time
from tests.rooms.slack_rooms.test_channels import one, refuse, take
from tests.rooms.slack_rooms.workplace import (
    bring_up,
    came,
    channel_of,
    connect,
    everything_said,
    link,
    look,
    user_of,
    waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-test", "secret"


@pytest.fixture
def c() -> Company:
    company = make_company()
    link(company.ada, company.otto, company.mia)
    return company


def test_grave_incidents_are_announced_once_and_kept_up_to_date(c: Company) -> None:
    connect(announce_channel="C0ALL")
    small = make_incident("Small", declared_by=c.mia, severity=3)
    grave = make_incident("Grave", declared_by=c.mia, severity=2)
    said = bring_up()
    announced = [a for method, a in said if method == "chat.postMessage" and a["channel"] == "C0ALL"]
    assert len(announced) == 1
    assert "Grave" in announced[0]["text"]
    take(grave, c, at=10)
    updates = [a for method, a in bring_up(20) if method == "chat.update" and a["channel"] == "C0ALL"]
    assert len(updates) == 1
    assert "Otto" in str(updates[0])
    with transaction.atomic():
        change_severity(incident_id=small.pk, severity=1, by=by(c.mia), now=NOW + timedelta(seconds=30))
    again = [a for method, a in bring_up(40) if method == "chat.postMessage" and a["channel"] == "C0ALL"]
    assert len(again) == 1


def test_the_app_joins_the_announcement_channel_when_it_must(c: Company) -> None:
    connect(announce_channel="C0ALL")
    incident = make_incident("Grave", declared_by=c.mia, severity=2)
    look()
    for row in waiting("chat.postMessage"):
        refuse(row, "not_in_channel")
    said = bring_up(1)
    assert ("conversations.join", {"channel": "C0ALL"}) in said
    assert channel_of(incident).announced_ts


def test_a_private_incident_leaves_no_trace_in_slack(c: Company) -> None:
    connect(announce_channel="C0ALL")
    make_incident("Insider takes customer data", declared_by=c.mia, severity=1, private=True)
    pass_time(0)
    bring_up()
    assert everything_said() == ""


def test_with_private_channels_it_gets_one_for_those_who_take_part_and_is_not_announced(c: Company) -> None:
    connect(announce_channel="C0ALL", private_channels=True, invite_responders=False)
    sid = make_person("Sid")
    link(sid)
    incident = make_incident("Insider takes customer data", declared_by=c.mia, severity=1, private=True)
    pass_time(0)
    said = bring_up()
    made = one(said, "conversations.create")
    assert made == {"name": f"inc-{incident.number}-private", "is_private": True}
    row = channel_of(incident)
    invited = {a["users"] for method, a in said if method == "conversations.invite"}
    assert user_of(sid) not in invited
    assert user_of(c.ada) in invited
    assert {a["channel"] for _method, a in said if "channel" in a} == {row.channel_id}


def test_who_may_not_see_a_private_incident_is_sent_out_of_its_channel(c: Company) -> None:
    connect(private_channels=True)
    link(c.sid)
    incident = make_incident("Insider", declared_by=c.mia, severity=3, private=True)
    bring_up()
    room = channel_of(incident).channel_id
    for person, user in ((c.ada, user_of(c.ada)), (c.sid, user_of(c.sid)), (None, "UNOBODY"), (None, "UBOT1")):
        event = came("event", "member_joined_channel", person, channel=room)
        joined(replace(event, user_id=user))
    sent_out = [row.arguments["user"] for row in waiting("conversations.kick")]
    assert sent_out == [user_of(c.sid), "UNOBODY"]


def test_anybody_may_join_the_channel_of_an_incident_that_is_not_private(c: Company) -> None:
    connect()
    incident = make_incident(declared_by=c.mia, severity=3)
    bring_up()
    joined(came("event", "member_joined_channel", None, channel=channel_of(incident).channel_id))
    assert waiting("conversations.kick") == []
