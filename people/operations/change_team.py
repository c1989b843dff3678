"""Make a team, change who is in it, take it away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import ProtectedError

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person, Team, TeamMember
from people.operations.people_in_order import people_in_order
from people.operations.recording import PEOPLE, record
from web.errors import BadInput, IllegalMove, NotFound


def add_team(*, name: str, members: Sequence[str], by: Actor, now: datetime) -> Team:
    """Create a team with these members (ids of people) in order. Raises `BadInput`."""
    people = people_in_order(members, field="members")
    team = Team.objects.create(name=_free_name(name, team_id=None))
    _seat(team, people)
    record(PEOPLE, "team.added", by=by, now=now, payload=_payload(team, people))
    return team


def change_team(*, team_id: int, name: str, members: Sequence[str], by: Actor, now: datetime) -> Team:
    """Set a team's name and members. Locks it; changing nothing records nothing. Raises `BadInput`, `NotFound`."""
    team = _lock(team_id)
    people = people_in_order(members, field="members")
    before = [seat.person for seat in team.teammember_set.select_related("person")]
    name = _free_name(name, team_id=team_id)
    if (name, people) == (team.name, before):
        return team
    was: dict[str, JSON] = {"name": team.name, "members": [person.name for person in before]}
    team.name = name
    team.save(update_fields=["name"])
    team.teammember_set.all().delete()
    _seat(team, people)
    record(PEOPLE, "team.changed", by=by, now=now, payload={**_payload(team, people), "from": was})
    return team


def remove_team(*, team_id: int, by: Actor, now: datetime) -> None:
    """Take a team away. Raises `IllegalMove` while a policy or a service relies on it."""
    team = _lock(team_id)
    payload: dict[str, JSON] = {"id": team.pk, "name": team.name}
    try:
        team.delete()
    except ProtectedError as error:
        users = sorted({str(each) for each in error.protected_objects})
        raise IllegalMove(f"“{payload['name']}” is still relied on ({len(users)} places). Change them first.") from None
    record(PEOPLE, "team.removed", by=by, now=now, payload=payload)


def _seat(team: Team, people: Sequence[Person]) -> None:
    TeamMember.objects.bulk_create(
        TeamMember(team=team, person=person, position=position) for position, person in enumerate(people)
    )


def _lock(team_id: int) -> Team:
    team = Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()
    if team is None:
        raise NotFound("There is no such team.")
    return team


def _free_name(name: str, *, team_id: int | None) -> str:
    name = name.strip()
    if not name:
        raise BadInput("Give the team a name.", errors={"name": "Give the team a name."})
    if Team.objects.filter(name=name).exclude(pk=team_id or 0).exists():
        raise BadInput("There is such a team.", errors={"name": "There is a team of this name already."})
    return name


def _payload(team: Team, people: Sequence[Person]) -> dict[str, JSON]:
    return {"id": team.pk, "name": team.name, "members": [person.name for person in people]}
