"""Nights that people live through in Slack: over real HTTP, against a simulated workspace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.db import transaction
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from engine import clock
from engine.duties import run_once
from incidents.models import Incident, RoleAssignment
from incidents.operations.close import close
from incidents.timeline import timeline
from notifications.models import Responder
from rooms.models import SlackWorkspace
from statuspage.models import StatusUpdate
from tests.builders import by, make_person
from tests.incidents.builders import Company, make_company, make_service
from tests.phones import SLACK, Phones
from tests.statuspage.builders import draft, make_component, make_page
from tests.stories.slack_workspace import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slack(
    exchange: Phones,
    transactional_db: None,
    settings: Settings,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Workspace]:
    """A connected workspace whose time the story moves."""
    settings.PUBLIC_URL = live_server.url
    settings.SLACK_BOT_TOKEN = SLACK["SLACK_BOT_TOKEN"]
    settings.SLACK_SIGNING_SECRET = SLACK["SLACK_SIGNING_SECRET"]
    settings.SLACK_API_URL = f"{exchange.url}/slack/api/"
    workspace = Workspace(url=exchange.url, database_clock=clock.now)
    monkeypatch.setattr(clock, "now", workspace.now)
    # The first request loads what later ones find loaded; Slack waits 3 s for an answer, whatever the machine is at.
    httpx.get(f"{live_server.url}/readyz", timeout=60, trust_env=False)
    run_once("slack_workspace", now=workspace.now())
    yield workspace
    workspace.close()


@pytest.fixture
def c(slack: Workspace) -> Company:
    company = make_company()
    make_service("mail", company.otto)
    slack.move_in(
        U0ADA0001=company.ada,
        U0MIA0001=company.mia,
        U0OTTO001=company.otto,
        U0SID0001=company.sid,
        U0CAM0001=company.cam,
    )
    return company


ADA, MIA, OTTO, SID, CAM = "U0ADA0001", "U0MIA0001", "U0OTTO001", "U0SID0001", "U0CAM0001"


def declare(slack: Workspace, user: str, **fields: Any) -> Incident:
    """Declare by /incident and its window; the engine does the rest."""
    slack.do("commands", user=user, channel="general", command="/incident", text="")
    slack.send(user, fields)
    slack.work()
    return Incident.objects.latest("number")


def summary_of(slack: Workspace, incident: Incident) -> dict[str, Any]:
    """Return the pinned message of the incident's channel."""
    channel = slack.channels()[incident.slack_channel.name]
    (pinned,) = channel["pins"]
    return next(each for each in slack.messages(channel["id"]) if each["ts"] == pinned)


def test_a_night_lived_through_in_slack(slack: Workspace, c: Company) -> None:
    slack.do("commands", user=MIA, channel="general", command="/incident", text="declare Mail &amp; DNS")
    fields = {block["block_id"]: block for block in slack.window(MIA)["blocks"]}
    assert fields["title"]["element"]["initial_value"] == "Mail & DNS"
    slack.send(MIA, {"title": ""})
    assert slack.window(MIA)["errors"] == {"title": "Say in one line what is wrong."}
    slack.send(MIA, {"title": "Mail & DNS <down>", "severity": "1", "service": "mail", "summary": "Since three"})
    assert slack.windows(MIA) == []
    slack.work()

    incident = Incident.objects.get()
    assert (incident.title, incident.severity, incident.declared_via) == ("Mail & DNS <down>", 1, "slack")
    room = slack.channels()[f"inc-{incident.number}-mail-dns-down"]
    assert {MIA, ADA, OTTO} <= set(room["members"])
    assert SID not in room["members"]
    assert "SEV1" in room["topic"]["value"]
    assert f"Declared as incident {incident.number}" in slack.messages(MIA)[-1]["text"]
    summary = summary_of(slack, incident)
    assert "Mail &amp; DNS &lt;down&gt;" in summary["text"]

    slack.press(OTTO, summary, "incident:acknowledge")
    slack.press(OTTO, summary, "incident:command")
    slack.work()
    whispers = slack.whispers(room["id"], OTTO)
    assert "Otto, you have acknowledged it." in whispers
    assert "You have command." in whispers
    answered = Responder.objects.filter(page__subject=incident.subject, person=c.otto)
    assert {(each.state, each.via) for each in answered} == {("acknowledged", "slack")}
    assert "Otto" in str(summary_of(slack, incident)["blocks"])

    slack.press(MIA, summary, "incident:role")
    slack.send(MIA, {"role": "scribe", "person": SID})
    slack.press(OTTO, summary, "incident:update")
    slack.send(OTTO, {"status": "identified", "note": "The array is gone"})
    slack.press(ADA, summary, "incident:decision")
    slack.send(ADA, {"decision": "Fail over", "because": "It is lost"})
    said = slack.do("say", user=SID, channel=room["id"], text="Queue is <https://graphs.example|at 90 %>")
    for _twice in range(2):
        slack.do("react", user=MIA, channel=room["id"], ts=said["ts"], name="pushpin")
    slack.do("react", user=MIA, channel=room["id"], ts=said["ts"], name="pushpin", remove=True)
    slack.do("shortcut", user=OTTO, callback_id="add_to_timeline", channel=room["id"], ts=said["ts"])
    slack.work()
    lines = timeline(incident)
    notes = [line.text for line in lines if line.verb == "incident.noted"]
    assert len(notes) == 1
    assert "Queue is at 90 %" in notes[0]
    assert "Sid" in notes[0]
    assert "http" in notes[0]
    assert [line.text for line in lines if line.verb == "incident.decided"] == ["Fail over\n\nIt is lost"]
    assert RoleAssignment.objects.get(incident=incident, role="scribe").person == c.sid
    assert SID in slack.channels()[room["name"]]["members"]
    assert "Identified" in str(summary_of(slack, incident)["blocks"])

    slack.press(OTTO, summary, "incident:resolve")
    slack.send(OTTO, {"note": "Array replaced"})
    slack.work()
    incident.refresh_from_db()
    assert incident.status == "resolved"
    with transaction.atomic():
        close(incident_id=incident.pk, by=by(c.otto), now=slack.now())
    slack.work()
    assert slack.channels()[room["name"]]["is_archived"]
    assert slack.refused() == []


def test_declaring_from_a_message_keeps_its_words_and_its_place(slack: Workspace, c: Company) -> None:
    said = slack.do("say", user=SID, channel="general", text="The mail queue is stuck\nand growing")
    slack.do("shortcut", user=MIA, callback_id="declare_from_message", channel="general", ts=said["ts"])
    slack.send(MIA, {"severity": "3"})
    slack.work()
    incident = Incident.objects.get()
    assert incident.title == "The mail queue is stuck"
    assert incident.summary.startswith("The mail queue is stuck\nand growing\n\nhttp")


def test_nothing_of_a_private_incident_appears_anywhere(slack: Workspace, c: Company) -> None:
    SlackWorkspace.objects.update(announce_channel=slack.channels()["general"]["id"])
    incident = declare(slack, ADA, title="Insider takes customer data", severity="1", private=["private"])
    assert incident.private
    slack.do("home", user=ADA)
    listed = slack.do("commands", user=ADA, channel="general", command="/incident", text="list")
    slack.work()
    seen = [str(listed["answer"]), slack.home(ADA)]
    seen += [str(each) for user in (ADA, MIA, OTTO) for each in slack.messages(user) if user != ADA]
    seen += [str(each) for each in slack.messages("general")]
    for text in seen:
        assert "Insider" not in text
        assert f"/incidents/{incident.number}" not in text
    assert "private incident: nothing of it appears in Slack" in slack.messages(ADA)[-1]["text"]
    assert not [name for name in slack.channels() if "inc-" in name]


def test_a_private_channel_holds_only_those_who_take_part(slack: Workspace, c: Company) -> None:
    general = slack.channels()["general"]["id"]
    SlackWorkspace.objects.update(private_channels=True, announce_channel=general)
    incident = declare(slack, ADA, title="Insider takes customer data", severity="2", private=["private"])
    room = slack.channels()[f"inc-{incident.number}-private"]
    assert room["is_private"]
    assert set(room["members"]) & {ADA, MIA, OTTO, SID, CAM} == {ADA, OTTO}
    assert "Insider" not in str(slack.messages(general))


def test_grave_incidents_are_announced_in_one_message_that_follows(slack: Workspace, c: Company) -> None:
    general = slack.channels()["general"]["id"]
    SlackWorkspace.objects.update(announce_channel=general)
    incident = declare(slack, MIA, title="Power lost", severity="2")
    slack.press(OTTO, summary_of(slack, incident), "incident:command")
    slack.work()
    announced = [each for each in slack.messages(general) if "Power lost" in each["text"]]
    assert len(announced) == 1
    assert "Otto" in str(announced[0]["blocks"])


def test_a_stranger_is_offered_the_linking_and_changes_nothing(slack: Workspace, c: Company) -> None:
    incident = declare(slack, MIA, title="Power lost", severity="2")
    slack.stranger("U0NOBODY1", "Nora")
    answer = slack.do("commands", user="U0NOBODY1", channel="general", command="/incident", text="list")["answer"]
    assert "Power lost" not in str(answer)
    assert "/me/slack/" in str(answer)
    slack.press("U0NOBODY1", summary_of(slack, incident), "incident:command")
    slack.work()
    assert not RoleAssignment.objects.exists()


def test_who_may_not_is_told_the_same_sentence_as_on_the_web(slack: Workspace, c: Company) -> None:
    leo = make_person("Leo")
    slack.move_in(U0LEO0001=leo)
    incident = declare(slack, MIA, title="Power lost", severity="3")
    room = incident.slack_channel.channel_id
    summary = summary_of(slack, incident)
    slack.press("U0LEO0001", summary, "incident:resolve")
    slack.press("U0LEO0001", summary, "incident:command")
    slack.work()
    assert slack.windows("U0LEO0001") == []
    assert slack.whispers(room, "U0LEO0001").count("Your role (Auditor) does not include this.") == 2
    incident.refresh_from_db()
    assert incident.is_open


def test_words_to_customers_are_read_and_let_out_by_a_second_person(slack: Workspace, c: Company) -> None:
    incident = declare(slack, MIA, title="Power lost", severity="2")
    page = make_page(now=slack.now())
    hit = {make_component(page, "Websites"): "major_outage"}
    update = draft(page, components=hit, drafted_by=c.cam, incident=incident, now=slack.now())
    slack.work()
    room = incident.slack_channel.channel_id
    (shown,) = [each for each in slack.messages(room) if "For customers" in each["text"]]
    assert "Some websites do not answer" in str(shown["blocks"])
    slack.press(CAM, shown, "draft:approve_publish")
    slack.work()
    assert "You wrote this update yourself" in slack.whispers(room, CAM)
    slack.press(ADA, shown, "draft:approve_publish")
    slack.work()
    assert StatusUpdate.objects.get(pk=update.pk).state == "published"
    (after,) = [each for each in slack.messages(room) if "For customers" in each["text"]]
    assert "draft:approve" not in str(after["blocks"])


def test_the_home_tab_shows_what_waits_and_follows(slack: Workspace, c: Company) -> None:
    slack.do("home", user=OTTO)
    slack.work()
    assert "No incident is open." in slack.home(OTTO)
    incident = declare(slack, MIA, title="Power lost", severity="2")
    slack.work()
    home = slack.home(OTTO)
    assert incident.headline in home
    assert "waiting:acknowledge" in home
    assert "Hosting" in home


def test_lists_and_help_are_for_the_asker_only(slack: Workspace, c: Company) -> None:
    incident = declare(slack, MIA, title="Power lost", severity="2")
    for text, expected in (
        ("list", incident.headline),
        (f"status {incident.number}", "Nobody has command."),
        ("oncall", "Otto"),
        ("frobnicate", "means nothing here"),
    ):
        answer = slack.do("commands", user=SID, channel="general", command="/incident", text=text)["answer"]
        assert answer["response_type"] == "ephemeral"
        assert expected in str(answer)
