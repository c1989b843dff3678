"""Make a leadership tier, change its members and its line of succession, take it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import ProtectedError
from django.utils.text import slugify

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person, Schedule, Tier, TierMember, TierSuccessor
from people.operations.people_in_order import people_in_order
from people.operations.recording import PEOPLE, record
from web.errors import BadInput, IllegalMove, NotFound


@dataclass(frozen=True, kw_only=True)
class TierDraft:
    """What a tier is to be: its own members, or whoever `schedule_id` names; `line` stands in, first one first.

    `members` and `line` are ids of people; `rank` 1 is the top.
    """

    name: str
    rank: int
    members: Sequence[str] = ()
    line: Sequence[str] = ()
    schedule_id: int | None = None


def add_tier(*, draft: TierDraft, by: Actor, now: datetime) -> Tier:
    """Create a tier; its key is made of its name and never changes. Raises `BadInput`."""
    key = slugify(draft.name)[:30].strip("-")
    if not key:
        raise _unfit("name", "Give the tier a name with letters or digits.")
    if Tier.objects.filter(key=key).exists():
        raise _unfit("name", "There is a tier of this name already.")
    members, line = _people(draft)
    tier = Tier.objects.create(key=key, name=draft.name.strip(), rank=draft.rank, schedule=_schedule(draft))
    _seat(tier, members, line)
    record(PEOPLE, "tier.added", by=by, now=now, payload=_payload(tier, members, line))
    return tier


def change_tier(*, tier_id: int, draft: TierDraft, by: Actor, now: datetime) -> Tier:
    """Set what a tier is. Locks the tier; changing nothing records nothing. Musters under way keep their people.

    Raises `BadInput` or `NotFound`.
    """
    tier = _lock(tier_id)
    if not draft.name.strip():
        raise _unfit("name", "Give the tier a name.")
    members, line = _people(draft)
    before = _payload(tier, _members(tier), _line(tier))
    tier.name, tier.rank, tier.schedule = draft.name.strip(), draft.rank, _schedule(draft)
    after = _payload(tier, members, line)
    if before == after:
        return tier
    tier.save(update_fields=["name", "rank", "schedule"])
    tier.seats.all().delete()
    tier.succession.all().delete()
    _seat(tier, members, line)
    was = {name: value for name, value in before.items() if after[name] != value}
    record(PEOPLE, "tier.changed", by=by, now=now, payload={**after, "from": was})
    return tier


def remove_tier(*, tier_id: int, by: Actor, now: datetime) -> None:
    """Take a tier away. Raises `IllegalMove` while a severity or a policy needs it."""
    tier = _lock(tier_id)
    payload: dict[str, JSON] = {"id": tier.pk, "key": tier.key, "name": tier.name}
    try:
        tier.delete()
    except ProtectedError:
        sentence = f"“{payload['name']}” is still needed by a severity or an escalation policy. Change that first."
        raise IllegalMove(sentence) from None
    record(PEOPLE, "tier.removed", by=by, now=now, payload=payload)


def _people(draft: TierDraft) -> tuple[list[Person], list[Person]]:
    if draft.schedule_id is not None and draft.members:
        raise _unfit("members", "A tier has its own members or those of a schedule, not both.")
    return people_in_order(draft.members, field="members"), people_in_order(draft.line, field="line")


def _schedule(draft: TierDraft) -> Schedule | None:
    if draft.schedule_id is None:
        return None
    schedule = Schedule.objects.filter(pk=draft.schedule_id).first()
    if schedule is None:
        raise _unfit("schedule", "There is no such schedule any more.")
    return schedule


def _members(tier: Tier) -> list[Person]:
    return [seat.person for seat in tier.seats.select_related("person")]


def _line(tier: Tier) -> list[Person]:
    return [place.person for place in tier.succession.select_related("person")]


def _seat(tier: Tier, members: Sequence[Person], line: Sequence[Person]) -> None:
    TierMember.objects.bulk_create(
        TierMember(tier=tier, person=person, position=position) for position, person in enumerate(members)
    )
    TierSuccessor.objects.bulk_create(
        TierSuccessor(tier=tier, person=person, position=position) for position, person in enumerate(line)
    )


def _lock(tier_id: int) -> Tier:
    tier = (
        Tier.objects.select_for_update(no_key=True, of=("self",)).select_related("schedule").filter(pk=tier_id).first()
    )
    if tier is None:
        raise NotFound("There is no such tier.")
    return tier


def _unfit(field: str, sentence: str) -> BadInput:
    return BadInput(sentence, errors={field: sentence})


def _payload(tier: Tier, members: Sequence[Person], line: Sequence[Person]) -> dict[str, JSON]:
    return {
        "id": tier.pk,
        "key": tier.key,
        "name": tier.name,
        "rank": tier.rank,
        "schedule": tier.schedule.name if tier.schedule else "",
        "members": [person.name for person in members],
        "line": [person.name for person in line],
    }
