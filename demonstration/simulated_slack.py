"""Who everybody of Harbor Hosting is in the simulator's Slack workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from demonstration.cast import CAST
from ledger.actor import Actor
from people.models import Person
from rooms.slack.operations.link import link

TEAM: Final = "T0HARBOR1"
BY: Final = Actor.system(name="Demonstration", via="cli")


def link_to_slack(people: Mapping[str, Person], *, now: datetime) -> None:
    """Link everybody, as if each had confirmed it: what they press in the workspace is theirs, and pages reach them
    there too."""
    for character in CAST:
        person = people[character.name.split()[0]]
        link(person=person, team_id=TEAM, user_id=character.slack, name=character.name, by=BY, now=now)
