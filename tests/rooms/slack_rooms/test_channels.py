"""An incident's channel: made, filled, kept up to date, archived."""

from __future__ import annotations

import itertools
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from incidents.models import Incident
from incidents.operations.add_note import add_note
from incidents.operations.close import close
from incidents.operations.reopen import reopen
from incidents.operations.resolve import resolve
from incidents.operations.take_command import take_command
from rooms.models import SlackChannel, SlackFollowed, SlackOutgoing
from tests.builders import NOW, by
from tests.incidents.builders import Company, make_company, make_incident, pass_time
from tests.rooms.slack_rooms.limits import check_message
from tests.rooms.slack_rooms.workplace import (
    bring_up,
    channel_of,
    connect,
    deliver,
    link,
    look,
    user_of,
    waiting,
)

CONTRACTS: Final = Path(os.environ.get("CONTRACTS_DIR") or "../shared/contracts") / "slack"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _set_up(settings: Settings) -> None:
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-test", "secret"


@pytest.fixture
def c() -> Company:
    company = make_company()
    link(company.ada, company.otto, company.mia)
    return company


def test_a_declared_incident_gets_a_channel_with_people_topic_and_pinned_summary(c: Company) -> None:
    connect()
    incident = make_incident("Mail & <databases> down", declared_by=c.mia, severity=1)
    pass_time(0)
    said = bring_up()
    methods = [method for method, _arguments in said]
    assert methods[0] == "conversations.create"
    row = channel_of(incident)
    assert (row.state, row.name) == ("open", f"inc-{incident.number}-mail-databases-down")
    invited = {arguments["users"] for method, arguments in said if method == "conversations.invite"}
    assert invited == {user_of(c.mia), user_of(c.ada), user_of(c.otto)}
    topic = one(said, "conversations.setTopic")["topic"]
    assert topic.startswith("SEV1 | Triage | nobody has command | ")
    summary = one(said, "chat.postMessage")
    check_message(summary)
    assert "Mail &amp; &lt;databases&gt; down" in summary["text"]
    assert one(said, "pins.add") == {"channel": row.channel_id, "timestamp": row.summary_ts}


def test_in_a_storm_few_channels_are_asked_for_at_a_time_the_gravest_first_and_at_once(c: Company) -> None:
    connect()
    severities = [4, 3, 4, 3, 3, 4, 3, 4]
    incidents = [make_incident("Host gone", declared_by=c.mia, severity=severity) for severity in severities]
    pass_time(0)
    look()
    asked = SlackChannel.objects.values_list("incident__severity", flat=True)
    assert sorted(asked) == [3, 3, 3, 3, 4]
    look(1)
    assert SlackChannel.objects.count() == 5
    worst = make_incident("Site down", declared_by=c.mia, severity=1)
    pass_time(0)
    look(2)
    assert SlackChannel.objects.filter(incident=worst).exists()
    bring_up(3)
    assert set(SlackChannel.objects.filter(state="open").values_list("incident", flat=True)) == {
        each.pk for each in [*incidents, worst]
    }


def test_the_summary_is_written_at_most_once_in_three_seconds_and_the_last_change_wins(c: Company) -> None:
    connect()
    incident = make_incident(declared_by=c.mia, severity=3)
    bring_up()
    for at in (10, 10.5, 11, 12):
        note(incident, c.mia, f"Note of second {at}", at=at)
        look(at)
    deliver(12)
    note(incident, c.mia, "The last one", at=12.5)
    with transaction.atomic():
        take_command(incident_id=incident.pk, person=c.otto, by=by(c.otto), now=NOW + timedelta(seconds=12.6))
    look(12.6)
    written = list(SlackOutgoing.objects.filter(method="chat.update").order_by("pk"))
    times = [row.not_before for row in written]
    assert all(later - earlier >= timedelta(seconds=3) for earlier, later in itertools.pairwise(times))
    assert len(written) == 2
    assert "Otto" in str(written[-1].arguments)


def test_nothing_is_said_where_nothing_changed(c: Company) -> None:
    connect()
    make_incident(declared_by=c.mia, severity=3)
    bring_up()
    look(60)
    look(120)
    assert waiting() == []


def test_a_taken_name_gets_a_suffix_and_a_refused_channel_says_why(c: Company) -> None:
    connect()
    incident = make_incident("Power", declared_by=c.mia, severity=3)
    look()
    deliver_refused("conversations.create", "name_taken")
    assert waiting("conversations.create")[0].arguments["name"] == f"inc-{incident.number}-power-2"
    deliver_refused("conversations.create", "restricted_action")
    row = channel_of(incident)
    assert (row.state, row.error) == ("failed", "Slack answered restricted_action.")
    look(10)
    assert waiting() == []


def test_a_channel_asked_for_once_more_from_the_settings_is_taken(c: Company, client: Client) -> None:
    connect()
    incident = make_incident("Power", declared_by=c.mia, severity=3)
    look()
    deliver_refused("conversations.create", "restricted_action")
    client.force_login(c.people["Alma"])
    failed = SlackOutgoing.objects.get(state="failed")
    assert client.post(reverse("slack_again", args=[failed.pk])).status_code == 302
    SlackOutgoing.objects.filter(pk=failed.pk).update(not_before=NOW)
    bring_up(60)
    row = channel_of(incident)
    assert (row.state, row.error, bool(row.summary_ts)) == ("open", "", True)


def test_who_is_paged_later_is_invited_then_and_nobody_twice(c: Company) -> None:
    connect()
    incident = make_incident(declared_by=c.mia, severity=3)
    bring_up()
    with transaction.atomic():
        take_command(incident_id=incident.pk, person=c.ada, by=by(c.mia), now=NOW + timedelta(seconds=9))
    said = bring_up(10) + bring_up(20)
    assert [a["users"] for method, a in said if method == "conversations.invite"] == [user_of(c.ada)]


def test_without_the_setting_only_who_declared_or_holds_a_role_is_invited(c: Company) -> None:
    connect(invite_responders=False)
    make_incident(declared_by=c.mia, severity=1)
    pass_time(0)
    assert [a["users"] for method, a in bring_up() if method == "conversations.invite"] == [user_of(c.mia)]


def test_a_refused_invitation_keeps_nobody_else_out(c: Company) -> None:
    connect()
    incident = make_incident(declared_by=c.mia, severity=1)
    pass_time(0)
    look()
    deliver()
    look()
    deliver(conversations_invite="cant_invite")
    assert channel_of(incident).state == "open"
    assert channel_of(incident).summary_ts


def test_the_channel_is_archived_after_the_last_summary_and_comes_back(c: Company) -> None:
    connect()
    incident = make_incident(declared_by=c.mia, severity=3)
    bring_up()
    end(incident, c, at=20)
    look(20)
    archive = waiting("conversations.archive")[0]
    assert archive.not_before > max(row.not_before for row in waiting("chat.update"))
    said = bring_up(40)
    assert [method for method, _arguments in said][-1] == "conversations.archive"
    assert SlackFollowed.objects.get(incident=incident).finished
    with transaction.atomic():
        reopen(incident_id=incident.pk, by=by(c.mia), now=NOW + timedelta(seconds=50))
    assert "conversations.unarchive" in [method for method, _arguments in bring_up(50)]
    assert channel_of(incident).state == "open"


def test_where_slack_does_not_give_a_channel_back_there_is_a_new_one(c: Company) -> None:
    connect()
    incident = make_incident("Power", declared_by=c.mia, severity=3)
    bring_up()
    first = channel_of(incident)
    end(incident, c, at=20)
    bring_up(40)
    with transaction.atomic():
        reopen(incident_id=incident.pk, by=by(c.mia), now=NOW + timedelta(seconds=50))
    look(50)
    deliver_refused("conversations.unarchive", "not_in_channel")
    said = bring_up(51)
    row = channel_of(incident)
    assert (row.state, row.name) == ("open", f"inc-{incident.number}-power-2")
    assert row.channel_id not in ("", first.channel_id)
    assert row.summary_ts not in ("", first.summary_ts)
    assert user_of(c.mia) in {a["users"] for method, a in said if method == "conversations.invite"}


def test_what_happened_while_slack_could_not_be_used_is_caught_up(c: Company) -> None:
    room = connect(error="The token in SLACK_BOT_TOKEN was revoked.")
    incident = make_incident(declared_by=c.mia, severity=3)
    look()
    assert waiting() == []
    room.error = ""
    room.save()
    bring_up(60)
    assert channel_of(incident).state == "open"


def test_a_summary_deleted_in_slack_is_posted_anew(c: Company) -> None:
    connect()
    incident = make_incident(declared_by=c.mia, severity=3)
    bring_up()
    first = channel_of(incident).summary_ts
    note(incident, c.mia, "More", at=10)
    take(incident, c, at=11)
    look(11)
    deliver(20, chat_update="message_not_found")
    bring_up(21)
    assert channel_of(incident).summary_ts not in ("", first)


def test_the_room_on_the_web_shows_the_channel_or_why_there_is_none(c: Company, client: Client) -> None:
    connect(url="https://harbor.slack.example/")
    incident = make_incident("Power", declared_by=c.mia, severity=3)
    bring_up()
    client.force_login(c.mia)
    row = channel_of(incident)
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    assert f'href="https://harbor.slack.example/archives/{row.channel_id}"' in page
    row.state, row.error = "failed", "The app lacks a permission (scope) in Slack."
    row.save()
    assert row.error in client.get(f"/incidents/{incident.number}/").content.decode()


@pytest.mark.skipif(not CONTRACTS.is_dir(), reason=f"no provider descriptions at {CONTRACTS} (CONTRACTS_DIR)")
def test_every_call_of_a_rooms_life_is_as_slack_describes_it(c: Company) -> None:
    connect(announce_channel="C0ALL")
    incident = make_incident(declared_by=c.mia, severity=1)
    pass_time(0)
    said = bring_up()
    take(incident, c, at=10)
    said += bring_up(15)
    end(incident, c, at=20)
    said += bring_up(20) + bring_up(40)
    with transaction.atomic():
        reopen(incident_id=incident.pk, by=by(c.mia), now=NOW + timedelta(seconds=50))
    said += bring_up(60)
    paths = json.loads((CONTRACTS / "slack_web_openapi_v2.subset.json").read_text())["paths"]
    described = {
        path.strip("/"): {each["name"] for way in ways.values() for each in way["parameters"]}
        for path, ways in paths.items()
    }
    held = [(method, set(arguments)) for method, arguments in said if method in described]
    assert {method for method, _names in held} >= {
        "conversations.create",
        "conversations.invite",
        "conversations.setTopic",
        "conversations.archive",
        "conversations.unarchive",
        "chat.postMessage",
        "chat.update",
    }
    for method, names in held:
        assert names <= described[method], method


def one(said: list[tuple[str, dict[str, Any]]], method: str) -> dict[str, Any]:
    (found,) = [arguments for name, arguments in said if name == method]
    return found


def note(incident: Incident, person: Any, text: str, *, at: float) -> None:
    with transaction.atomic():
        add_note(incident_id=incident.pk, text=text, by=by(person), now=NOW + timedelta(seconds=at))


def take(incident: Incident, c: Company, *, at: float) -> None:
    with transaction.atomic():
        take_command(incident_id=incident.pk, person=c.otto, by=by(c.otto), now=NOW + timedelta(seconds=at))


def end(incident: Incident, c: Company, *, at: float) -> None:
    now = NOW + timedelta(seconds=at)
    with transaction.atomic():
        resolve(incident_id=incident.pk, by=by(c.mia), now=now)
    with transaction.atomic():
        close(incident_id=incident.pk, by=by(c.mia), now=now)


def deliver_refused(method: str, code: str) -> None:
    for row in waiting(method):
        refuse(row, code)


def refuse(row: SlackOutgoing, code: str) -> None:
    from rooms.slack import outcomes

    with transaction.atomic():
        row.state, row.code, row.reason, row.ended_at = "failed", code, f"Slack answered {code}.", NOW
        row.save()
        outcomes.tell(row, None)
