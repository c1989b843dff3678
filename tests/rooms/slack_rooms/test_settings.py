"""How incidents appear in Slack: the form, what it refuses, what follows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.models import Entry
from rooms.models import SlackWorkspace
from rooms.slack.incident_rooms.naming import channel_name, checked_template
from rooms.slack.operations.change_rooms import Rooms, change_rooms
from tests.builders import NOW, by, make_person
from tests.rooms.slack_rooms.workplace import connect
from web.errors import BadInput


@given(
    st.sampled_from(["inc-{number}-{slug}", "{slug}_{number}", "Störung {year} {number} {severity}", "{number}"]),
    st.text(max_size=300),
    st.integers(min_value=1, max_value=999_999_999),
    st.integers(min_value=0, max_value=19),
    st.booleans(),
)
@settings(deadline=None)
def test_any_title_makes_a_name_that_slack_takes(
    template: str, title: str, number: int, again: int, private: bool
) -> None:
    name = channel_name(template, number=number, title=title, severity=1, year=2026, private=private, again=again)
    assert 1 <= len(name) <= 80
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    if again:
        assert name.endswith(f"-{again + 1}")


def test_names() -> None:
    facts: dict[str, Any] = {"number": 1042, "title": "Größter Ausfall: Mail & DNS!", "severity": 2, "year": 2026}
    assert channel_name("inc-{number}-{slug}", private=False, **facts) == "inc-1042-groesster-ausfall-mail-dns"
    assert channel_name("inc-{number}-{slug}", private=True, **facts) == "inc-1042-private"
    assert channel_name("{year}-{severity}-{number}", private=False, again=1, **facts) == "2026-sev2-1042-2"


@pytest.mark.parametrize(
    "template",
    [
        "inc-{slug}",
        "inc-{number",
        "inc-{number}-{title}",
        "inc-{number!r}",
        "inc-{number:>99999}",
        "{}",
        "{number}" * 9,
    ],
)
def test_templates_that_would_not_work_are_refused(template: str) -> None:
    with pytest.raises(BadInput):
        checked_template(template)


@pytest.mark.django_db
def test_the_form_changes_it_and_the_ledger_says_so() -> None:
    connect()
    client, alma = Client(), make_person("Alma")
    client.force_login(alma)
    page = client.get("/settings/slack/rooms/")
    assert page.status_code == 200
    assert "inc-{number}-{slug}" in page.content.decode()
    typed = {"channel_template": "ops-{number}", "announce_channel": "c012ab3cd", "private_channels": "on"}
    assert client.post("/settings/slack/rooms/", typed).status_code == 302
    room = SlackWorkspace.objects.get()
    assert (room.channel_template, room.announce_channel) == ("ops-{number}", "C012AB3CD")
    assert (room.invite_responders, room.private_channels) == (False, True)
    entry = Entry.objects.get(verb="slack.rooms_changed")
    assert entry.actor_name == "Alma"
    assert set(entry.payload) == {"channel_template", "announce_channel", "invite_responders", "private_channels"}
    assert "ops-{number}" in client.get("/settings/slack/").content.decode()


@pytest.mark.django_db
def test_what_is_wrong_stands_at_its_field() -> None:
    connect()
    client = Client()
    client.force_login(make_person("Alma"))
    answer = client.post("/settings/slack/rooms/", {"channel_template": "inc-{slug}", "announce_channel": "#all"})
    assert answer.status_code == 422
    assert "Without {number} two incidents would want the same name." in answer.content.decode()
    assert SlackWorkspace.objects.get().channel_template == "inc-{number}-{slug}"
    with pytest.raises(BadInput), transaction.atomic():
        change_rooms(
            rooms=Rooms(
                channel_template="{number}", announce_channel="#all", invite_responders=True, private_channels=False
            ),
            by=by(make_person("Alma")),
            now=NOW,
        )


@pytest.mark.django_db
def test_without_a_workspace_there_is_nothing_to_set() -> None:
    client = Client()
    client.force_login(make_person("Alma"))
    assert client.get("/settings/slack/rooms/").status_code == 404
