"""What people do from Slack: declare, answer, command, update, decide, resolve, note, approve."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from incidents.models import Incident, RoleAssignment
from incidents.timeline import timeline
from ledger.models import Entry
from notifications.models import Page, Responder
from people.models import Person
from rooms.slack.moving import buttons, drafts, pinning, submitting
from rooms.slack.moving.declaring import check_declared, declare_submitted, plain_words
from statuspage.models import StatusUpdate
from statuspage.operations.contents import digest_of
from tests.builders import make_person
from tests.incidents.builders import Company, make_company, make_incident, make_service, pass_time
from tests.rooms.slack_rooms.limits import check_message
from tests.rooms.slack_rooms.workplace import (
    bring_up,
    came,
    channel_of,
    connect,
    everything_said,
    filled,
    link,
    user_of,
    whispered,
)
from tests.statuspage.builders import draft, make_component, make_page
from web.errors import IllegalMove, NotAllowed, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def c(settings: Settings) -> Company:
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = "xoxb-test", "secret"
    connect()
    company = make_company()
    link(*company.people.values())
    return company


def press(name: str, person: Person, incident: Incident, **more: Any) -> Any:
    return came("action", name, person, value=str(incident.pk), **more)


def send(name: str, by: Person, incident: Incident, **fields: Any) -> Any:
    view = filled(f"incident:{name}", remember={"incident": str(incident.pk)}, **fields)
    return came("submission", f"incident:{name}", by, view=view)


def test_declaring_from_the_modal(c: Company) -> None:
    make_service("mail", c.sid)
    view = filled("declare", title=" Mail down ", severity="2", service="mail", summary="Since 3", private="")
    asked = came("submission", "declare", c.mia, view=view)
    assert check_declared(asked) is None
    declare_submitted(asked)
    declare_submitted(asked)
    declare_submitted(replace(asked, key="submission:by-another-trigger"))
    incident = Incident.objects.get()
    assert (incident.title, incident.severity, incident.summary) == ("Mail down", 2, "Since 3")
    assert incident.service is not None
    assert (incident.declared_by, incident.declared_via) == (c.mia, "slack")
    assert f"Declared as incident {incident.number}" in whispered()


def test_a_declaration_without_a_title_is_told_at_its_field(c: Company) -> None:
    answer = check_declared(came("submission", "declare", c.mia, view=filled("declare", title="")))
    assert answer == {"response_action": "errors", "errors": {"title": "Say in one line what is wrong."}}


def test_a_private_declaration_tells_its_declarer_where_it_is_and_nobody_else_anything(c: Company) -> None:
    view = filled("declare", title="Insider takes data", severity="1", private=True)
    declare_submitted(came("submission", "declare", c.mia, view=view))
    incident = Incident.objects.get()
    assert incident.private
    assert f"/incidents/{incident.number}/" in whispered()
    bring_up()
    assert everything_said() == ""


def test_a_stranger_without_the_capability_declares_nothing(c: Company) -> None:
    leo = make_person("Leo")
    link(leo)
    with pytest.raises(NotAllowed):
        declare_submitted(came("submission", "declare", leo, view=filled("declare", title="x")))
    assert not Incident.objects.exists()


def test_acknowledge_answers_all_pages_of_the_incident_that_wait_for_me(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=1)
    pass_time(0)
    buttons.answer_page(press("incident:acknowledge", c.mia, incident))
    assert "Mia, you have acknowledged it." in whispered()
    mine = Responder.objects.filter(person=c.mia)
    assert {each.state for each in mine} == {"acknowledged"}


def test_escalate_twice_by_one_press_calls_one_level(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=2)
    pass_time(0)
    once = press("incident:escalate", c.otto, incident, key="action:same")
    buttons.answer_page(once)
    buttons.answer_page(once)
    assert "Your answer has been taken already." in whispered()
    assert Entry.objects.filter(subject=incident.subject, verb="page.escalated").count() == 1


def test_i_cant_is_only_for_those_who_were_called(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=2)
    pass_time(0)
    with pytest.raises(IllegalMove):
        buttons.answer_page(press("incident:decline", c.sid, incident))
    buttons.answer_page(press("incident:decline", c.otto, incident))
    assert "Understood, Otto." in whispered()


def test_nobody_answers_for_others_without_the_capability(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=2)
    pass_time(0)
    sam = make_person("Sam")
    link(sam)
    with pytest.raises(NotAllowed):
        buttons.answer_page(press("incident:acknowledge", sam, incident))
    with pytest.raises(NotAllowed):
        buttons.command(press("incident:command", sam, incident))
    assert Page.objects.get().state == "paging"
    assert not RoleAssignment.objects.exists()


def test_take_command(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=3)
    buttons.command(press("incident:command", c.sid, incident))
    assert whispered() == "You have command."
    assert RoleAssignment.objects.get(incident=incident).person == c.sid


def test_a_private_incident_is_out_of_reach_of_every_button(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=2, private=True)
    pass_time(0)
    for name in ("acknowledge", "escalate", "decline"):
        with pytest.raises(NotFound):
            buttons.answer_page(press(f"incident:{name}", c.otto, incident))
    for name in ("update", "note", "decision", "role", "resolve"):
        with pytest.raises(NotFound):
            buttons.open_modal(press(f"incident:{name}", c.ada, incident))
        with pytest.raises(NotFound):
            submitting.move(send(name, c.ada, incident, note="x", decision="x"))


def test_an_update_changes_status_and_severity_with_its_words_once(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=3)
    asked = send("update", c.otto, incident, status="identified", severity="2", note="It is the array")
    assert submitting.check(asked) is None
    submitting.move(asked)
    submitting.move(asked)
    incident.refresh_from_db()
    assert (incident.status, incident.severity) == ("identified", 2)
    assert [line.text for line in timeline(incident)].count("It is the array") == 1
    assert whispered() == "Changed."


def test_an_update_that_says_nothing_is_told_at_its_field(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=3)
    answer = submitting.check(send("update", c.otto, incident, status="", severity="3", note=""))
    assert answer is not None
    assert set(answer["errors"]) == {"note"}


def test_a_note_a_decision_and_the_end(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=3)
    submitting.move(send("note", c.mia, incident, note="Customer Ek called"))
    submitting.move(send("decision", c.ada, incident, decision="We fail over", because="The array is lost"))
    submitting.move(send("resolve", c.otto, incident, note="Array replaced"))
    lines = {line.verb: line for line in timeline(incident)}
    assert lines["incident.noted"].text == "Customer Ek called"
    assert lines["incident.decided"].sentence == "Ada recorded a decision"
    assert lines["incident.decided"].text == "We fail over\n\nThe array is lost"
    assert lines["incident.resolved"].text == "Array replaced"
    incident.refresh_from_db()
    assert incident.status == "resolved"
    assert {entry.actor_via for entry in Entry.objects.filter(verb="incident.decided")} == {"slack"}


def test_what_slack_gives_nothing_to_tell_by_is_taken_for_new(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=3)
    for words in ("One", "Two"):
        submitting.move(replace(send("note", c.mia, incident, note=words), key=""))
    notes = [line.text for line in timeline(incident) if line.verb == "incident.noted"]
    assert notes == ["One", "Two"]


def test_a_role_is_handed_to_somebody_of_the_workspace(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=3)
    submitting.move(send("role", c.otto, incident, role="scribe", person=user_of(c.sid)))
    assert RoleAssignment.objects.get(incident=incident, role="scribe").person == c.sid
    answer = submitting.check(send("role", c.otto, incident, role="scribe", person="U99999"))
    assert answer is not None
    assert set(answer["errors"]) == {"person"}


@pytest.mark.parametrize("name", ["update", "role", "resolve"])
def test_moves_need_what_they_need_on_the_web(c: Company, name: str) -> None:
    sam = make_person("Sam")
    link(sam)
    incident = make_incident(declared_by=c.mia, severity=3)
    before = incident.version
    fields = {"status": "identified", "severity": "1", "note": "x", "role": "scribe", "person": user_of(c.sid)}
    sent = send(name, sam, incident, **fields)
    for attempt, asked in (
        (buttons.open_modal, press(f"incident:{name}", sam, incident)),
        (submitting.check, sent),
        (submitting.move, sent),
    ):
        with pytest.raises(NotAllowed):
            attempt(asked)
    incident.refresh_from_db()
    assert incident.version == before


def test_a_message_goes_into_the_timeline_once(c: Company, settings: Settings) -> None:
    settings.SLACK_API_URL = "http://127.0.0.1:9/api/"
    incident = make_incident(declared_by=c.mia, severity=3)
    bring_up()
    room = channel_of(incident).channel_id
    message = {"ts": "1700000001.000100", "text": "See <https://x.example|the graph> &amp; act", "user": user_of(c.sid)}
    for _time in range(2):
        pinning.chosen(came("shortcut", "add_to_timeline", c.otto, channel=room, payload={"message": message}))
    notes = [line.text for line in timeline(incident) if line.verb == "incident.noted"]
    assert notes == ["“See the graph & act”\nSid"]
    assert "It was in the timeline already." in whispered()


def test_only_in_an_incidents_channel_there_is_a_timeline(c: Company) -> None:
    with pytest.raises(NotFound, match="no incident's channel"):
        pinning.chosen(came("shortcut", "add_to_timeline", c.otto, channel="C0OTHER", payload={"message": {}}))


def test_other_reactions_and_other_channels_mean_nothing(c: Company) -> None:
    incident = make_incident(declared_by=c.mia, severity=3)
    bring_up()
    room = channel_of(incident).channel_id
    for reaction, where in (("thumbsup", room), ("pushpin", "C0OTHER")):
        event = {
            "type": "reaction_added",
            "reaction": reaction,
            "item": {"type": "message", "channel": where, "ts": "1"},
        }
        pinning.reacted(came("event", "reaction_added", c.otto, payload={"event": event}))
    assert not Entry.objects.filter(verb="incident.noted").exists()


def test_a_draft_is_shown_whole_and_a_second_person_lets_it_out(c: Company) -> None:
    page = make_page()
    web = make_component(page, "Websites")
    incident = make_incident(declared_by=c.mia, severity=2)
    update = draft(page, components={web: "major_outage"}, drafted_by=c.cam, incident=incident)
    said = bring_up()
    (shown,) = [a for method, a in said if method == "chat.postMessage" and "For customers" in a["text"]]
    check_message(shown)
    assert "Some websites do not answer. We are looking into it." in str(shown)
    value = f"{update.pk}:{digest_of(update)}"
    assert value in str(shown)
    with pytest.raises(IllegalMove, match="wrote this update yourself"):
        drafts.decide(came("action", "draft:approve_publish", c.cam, value=value))
    with pytest.raises(NotAllowed):
        drafts.decide(came("action", "draft:approve", c.otto, value=value))
    with pytest.raises(IllegalMove, match="changed since you read it"):
        drafts.decide(came("action", "draft:approve", c.ada, value=f"{update.pk}:{'0' * 64}"))
    drafts.decide(came("action", "draft:approve_publish", c.ada, value=value))
    assert "Published." in whispered()
    assert StatusUpdate.objects.get(pk=update.pk).state == "published"
    (after,) = [a for method, a in bring_up(10) if method == "chat.update" and "For customers" in a["text"]]
    assert "draft:approve" not in str(after)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain", "plain"),
        ("<https://a.example|a> and <https://b.example>", "a and https://b.example"),
        ("<@U1|sid> &lt;b&gt;", "sid <b>"),
    ],
)
def test_plain_words(written: str, read: str) -> None:
    assert plain_words(written) == read
