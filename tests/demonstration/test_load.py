"""Harbor Hosting is loaded once, whole and without sending anything."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from pytest_django import Settings

from demonstration.load import load
from incidents.models import Incident, Muster, Service
from intake.models import Alert, Heartbeat, IntegrationKey
from intake.receivers.door import digest_of
from ledger.operations.verify import verify
from notifications.models import ContactMethod, Delivery, Page
from people.models import Person
from people.queries import person_of_token
from rooms.models import CallLine, SlackUser, SlackWorkspace
from rooms.slack.workspace import team_id
from simulator.slack.workspace import OPEN_TO_ALL
from tests.builders import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def test_the_company_is_whole_and_its_past_is_told(settings: Settings) -> None:
    assert "is loaded" in load(now=NOW)
    file = Path(settings.VAR_DIR) / "demo-company.json"
    company = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [person["title"] for person in company["people"]].count("On call") == 2
    assert len(company["routing_key"]) == 32
    assert set(company["integration_keys"]) == {"alertmanager", "grafana", "webhook"}
    administrator = person_of_token(company["api_token"])
    assert administrator is not None
    assert administrator.title == "Administrator"
    assert Service.objects.count() == 8
    ada = company["people"][0]
    assert authenticate(RequestFactory().post("/"), username=ada["email"], password=ada["password"]) is not None
    assert list(Incident.objects.order_by("number").values_list("status", "severity")) == [
        ("closed", 1),
        ("closed", 1),
        ("closed", 3),
    ]
    assert set(Muster.objects.values_list("state", flat=True)) == {"complete"}
    assert not Delivery.objects.filter(state__in=["pending", "sending"]).exists()
    assert not Page.objects.filter(state__in=["paging", "acknowledged"]).exists()
    assert verify(anchors=[]).broken is None


def test_slack_and_the_line_for_callers_can_be_tried_at_once(settings: Settings) -> None:
    load(now=NOW)
    company = json.loads((Path(settings.VAR_DIR) / "demo-company.json").read_text())
    room = SlackWorkspace.objects.get()
    assert (room.team_id, room.announce_channel) == ("T0HARBOR1", OPEN_TO_ALL["incidents"])
    linked = set(SlackUser.objects.values_list("user_id", flat=True))
    assert linked == {person["slack"] for person in company["people"]}
    named = ContactMethod.objects.filter(channel="slack").values_list("label", flat=True)
    assert set(named) == {person["name"] for person in company["people"]}
    (line,) = CallLine.objects.all()
    assert company["lines"] == [{"name": line.name, "number": line.number}]
    assert [choice.service.name for choice in line.choices.all()] == ["Dedicated servers", "VPS", "Shared hosting"]
    assert all(choice.service.policy for choice in line.choices.all())


def test_a_workspace_of_ones_own_goes_before_the_simulated_one(settings: Settings) -> None:
    load(now=NOW)
    SlackWorkspace.objects.create(team_id="T0REALONE", checked_at=NOW)
    assert team_id() == "T0REALONE"


def test_a_second_load_changes_nothing(settings: Settings) -> None:
    load(now=NOW)
    before = (Path(settings.VAR_DIR) / "demo-company.json").read_text()
    Person.objects.filter(email="ada@harbor.example").update(name="Ada Changed")
    assert "nothing was changed" in load(now=NOW)
    assert (Path(settings.VAR_DIR) / "demo-company.json").read_text() == before
    assert Person.objects.get(email="ada@harbor.example").name == "Ada Changed"


def test_a_lost_file_is_made_anew_with_new_secrets(settings: Settings) -> None:
    load(now=NOW)
    file = Path(settings.VAR_DIR) / "demo-company.json"
    old = json.loads(file.read_text())
    file.unlink()
    load(now=NOW)
    new = json.loads(file.read_text())
    assert new["routing_key"] != old["routing_key"]
    assert person_of_token(old["api_token"]) is None
    assert person_of_token(new["api_token"]) is not None
    assert IntegrationKey.objects.filter(revoked_at=None).count() == 5
    assert Client().get(f"/ping/{old['heartbeat_key']}").status_code == 404
    assert Client().get(f"/ping/{new['heartbeat_key']}").status_code == 200


def test_the_nightly_backup_has_reported_and_is_waited_for(settings: Settings) -> None:
    load(now=NOW)
    company = json.loads((Path(settings.VAR_DIR) / "demo-company.json").read_text())
    heartbeat = Heartbeat.objects.get(integration__digest=digest_of(company["heartbeat_key"]))
    assert (heartbeat.name, heartbeat.cron, heartbeat.time_zone) == ("Nightly backup, 06:00 UTC", "0 6 * * *", "UTC")
    assert heartbeat.state == "up"
    assert heartbeat.expected_at == NOW.replace(hour=6)
    assert heartbeat.next_look_at == NOW.replace(hour=6, minute=30)
    ends = heartbeat.pings.exclude(signal="start")
    assert ends.count() == 24
    assert all(ping.duration_ms and ping.at < NOW for ping in ends)
    assert not Alert.objects.filter(dedup_key=heartbeat.dedup_key).exists()
