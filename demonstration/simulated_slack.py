"""Harbor Hosting in the simulator's Slack workspace: who everybody is, where their incidents are announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from demonstration.cast import CAST
from ledger.actor import Actor
from people.models import Person
from rooms.models import SlackWorkspace
from rooms.slack.operations.change_rooms import Rooms, change_rooms
from rooms.slack.operations.link import link
from rooms.slack.workspace import CHECK_EVERY

TEAM: Final = "T0HARBOR1"
ANNOUNCEMENTS: Final = "C0INCIDENTS"
"""The id of #incidents there."""
BY: Final = Actor.system(name="Demonstration", via="cli")


def link_to_slack(people: Mapping[str, Person], *, now: datetime) -> None:
    """Link everybody, as if each had confirmed it: what they press in the workspace is theirs, and pages reach them
    there too."""
    for character in CAST:
        person = people[character.name.split()[0]]
        link(person=person, team_id=TEAM, user_id=character.slack, name=character.name, by=BY, now=now)


def announce_in_slack(*, now: datetime) -> None:
    """Announce SEV1 and SEV2 in the workspace's #incidents, from the moment when it is connected.

    Another workspace, of a SLACK_BOT_TOKEN that somebody set, is looked at later than this one and goes before it.
    """
    SlackWorkspace.objects.create(team_id=TEAM, name="Harbor Hosting", connected_at=now, checked_at=now - CHECK_EVERY)
    rooms = Rooms(
        channel_template=SlackWorkspace().channel_template,
        announce_channel=ANNOUNCEMENTS,
        invite_responders=True,
        private_channels=False,
    )
    change_rooms(rooms=rooms, by=BY, now=now)
