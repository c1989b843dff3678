"""Every way in which people reach Muster from Slack: commands, shortcuts, the Home tab, buttons; and what fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from incidents.models import Incident
from incidents.timeline import timeline
from ledger.actor import Actor
from notifications.models import Page, Responder
from rooms.models import SlackInbound, SlackUser
from rooms.slack.operations.link import unlink
from tests.builders import add_rule, make_method
from tests.incidents.builders import Company
from tests.stories.slack_workspace import Workspace
from tests.stories.test_slack_rooms import ADA, MIA, OTTO, SID, c, declare, slack, summary_of

__all__ = ["c", "slack"]

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER_S = 3.0
"""Slack's own limit."""


def command(slack: Workspace, user: str, text: str, *, channel: str = "general") -> dict[str, Any]:
    return slack.do("commands", user=user, channel=channel, command="/incident", text=text)


def answers(person: str) -> set[str]:
    return set(Responder.objects.filter(person__name=person).values_list("state", flat=True))


def test_ack_and_page_by_command(slack: Workspace, c: Company) -> None:
    incident = declare(slack, MIA, title="Power lost", severity="2")
    room = incident.slack_channel.channel_id
    command(slack, OTTO, f"ack {incident.number}")
    command(slack, MIA, f"page <@{SID}|sid>", channel=room)
    command(slack, MIA, f"page <@{ADA}|ada> Call the <b>grid</b> operator")
    slack.work()
    assert answers("Otto") == {"acknowledged"}
    assert answers("Sid") == {"called"}
    assert SID in slack.channels()[incident.slack_channel.name]["members"], "who is called is invited"
    assert Page.objects.filter(subject="", title="Call the <b>grid</b> operator").exists()
    assert "Ada will be called now." in slack.whispers("general", MIA)


def test_escalate_and_decline_by_the_buttons_under_the_summary(slack: Workspace, c: Company) -> None:
    incident = declare(slack, MIA, title="Power lost", severity="2")
    summary = summary_of(slack, incident)
    slack.press(MIA, summary, "incident:escalate")
    slack.press(OTTO, summary, "incident:decline")
    slack.work()
    assert answers("Otto") == {"declined"}
    verbs = {line.verb for line in timeline(incident)}
    assert {"page.escalated", "page.declined"} <= verbs


def test_update_and_note_windows(slack: Workspace, c: Company) -> None:
    incident = declare(slack, MIA, title="Power lost", severity="3")
    summary = summary_of(slack, incident)
    slack.press(OTTO, summary, "incident:update")
    slack.send(OTTO, {"status": "monitoring", "severity": "2", "note": "Hall 2 is on diesel"})
    slack.press(SID, summary, "incident:note")
    slack.send(SID, {"note": "Fuel for <six> hours"})
    slack.work()
    incident.refresh_from_db()
    assert (incident.status, incident.severity) == ("monitoring", 2)
    texts = [line.text for line in timeline(incident)]
    assert texts.count("Hall 2 is on diesel") == 1
    assert "Fuel for <six> hours" in texts
    assert "SEV2" in slack.channels()[incident.slack_channel.name]["topic"]["value"]


def test_the_shortcut_and_the_home_tab_open_the_same_window(slack: Workspace, c: Company) -> None:
    slack.do("shortcut", user=MIA, callback_id="declare")
    slack.send(MIA, {"title": "From the shortcut", "severity": "4"})
    slack.do("home", user=ADA)
    slack.work()
    slack.do("click", user=ADA, view_id=slack.home_id(ADA), action_id="home:declare")
    slack.send(ADA, {"title": "From the Home tab", "severity": "4"})
    slack.work()
    assert set(Incident.objects.values_list("title", flat=True)) == {"From the shortcut", "From the Home tab"}


def test_a_page_is_answered_from_the_home_tab(slack: Workspace, c: Company) -> None:
    declare(slack, MIA, title="Power lost", severity="2")
    slack.do("home", user=OTTO)
    slack.work()
    slack.do("click", user=OTTO, view_id=slack.home_id(OTTO), action_id="waiting:acknowledge")
    slack.work()
    assert answers("Otto") == {"acknowledged"}
    slack.pass_time(seconds=15)
    slack.work()
    assert "No page waits for you." in slack.home(OTTO), "the tab follows"


def test_somebody_unknown_is_offered_the_linking_on_their_home_tab(slack: Workspace, c: Company) -> None:
    declare(slack, MIA, title="Power lost", severity="2")
    slack.stranger("U0NOBODY1", "Nora")
    slack.do("home", user="U0NOBODY1")
    slack.work()
    assert "/me/slack/" in slack.home("U0NOBODY1")
    assert "Power lost" not in slack.home("U0NOBODY1")


def test_who_is_no_longer_somebody_loses_their_home_tab_at_once(slack: Workspace, c: Company) -> None:
    declare(slack, MIA, title="Power lost", severity="2")
    slack.do("home", user=ADA)
    slack.work()
    assert "Power lost" in slack.home(ADA)
    with transaction.atomic():
        unlink(slack_user_id=SlackUser.objects.get(user_id=ADA).pk, by=Actor.system(), now=slack.now())
    slack.work()
    assert "Power lost" not in slack.home(ADA)
    declare(slack, MIA, title="Mail down", severity="2")
    slack.work()
    assert "Mail down" not in slack.home(ADA), "nor does it come back"
    assert "/me/slack/" in slack.home(ADA)


@pytest.mark.parametrize("trouble", [{"hang_s": 5.0}, {"error": "fatal_error"}, {"error": "expired_trigger_id"}])
def test_a_window_that_slack_does_not_open_is_answered_in_time_and_says_so(
    slack: Workspace, c: Company, trouble: dict[str, Any]
) -> None:
    slack.script({"views.open": trouble})
    told = command(slack, MIA, "")
    assert told["took_ms"] < ANSWER_S * 1000
    assert "try again, or do it on the web" in told["answer"]["text"]
    slack.script({})
    command(slack, MIA, "")
    assert slack.windows(MIA), "and the next try opens it"


def test_a_window_sent_again_for_want_of_an_answer_declares_once(slack: Workspace, c: Company) -> None:
    command(slack, MIA, "")
    window = slack.window(MIA)["id"]
    given = {"title": {"value": "Power lost"}, "severity": {"value": "4"}}
    slack.do("submit", user=MIA, view_id=window, values=given)
    first = SlackInbound.objects.get(kind="submission")
    # Slack heard nothing of it: the window stays, and is sent again by another trigger.
    SlackInbound.objects.create(
        key=f"{first.key}-again",
        kind=first.kind,
        name=first.name,
        user_id=first.user_id,
        payload=first.payload | {"trigger_id": "9.9.again"},
        queue=first.queue,
        not_before=first.not_before,
        received_at=first.received_at,
    )
    slack.work()
    assert Incident.objects.count() == 1


def test_an_event_told_three_times_is_noted_once(slack: Workspace, c: Company) -> None:
    incident = declare(slack, MIA, title="Power lost", severity="4")
    said = slack.do("say", user=SID, channel=incident.slack_channel.channel_id, text="It smells of smoke")
    event = {
        "type": "reaction_added",
        "user": MIA,
        "reaction": "pushpin",
        "item": {"type": "message", "channel": incident.slack_channel.channel_id, "ts": said["ts"]},
    }
    for _time in range(3):
        slack.do("events", event=event, event_id="Ev0SMOKE1")
    slack.work()
    assert SlackInbound.objects.filter(key="event:Ev0SMOKE1").count() == 1
    assert [line.verb for line in timeline(incident)].count("incident.noted") == 1


def test_a_page_about_a_private_incident_says_no_more_than_a_text_does(slack: Workspace, c: Company) -> None:
    add_rule(make_method(c.otto, "slack", address=OTTO))
    incident = declare(slack, ADA, title="Insider takes customer data", severity="2", private=["private"])
    slack.page()
    written = str(slack.messages(OTTO))
    assert f"SEV2 {incident.number}" in written
    assert "Insider" not in written
