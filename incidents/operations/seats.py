"""Seats of the roll-call: what moved is saved, and said in the ledger's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incidents.models import MusterSeat, MusterTier
from incidents.operations.recording import Fact
from incidents.rules.muster import Seat
from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person

VERBS: Mapping[str, str] = {
    "confirmed": "muster.confirmed",
    "declined": "muster.declined",
    "late": "muster.late",
    "succeeded": "muster.succeeded",
}


def store_seats(tier: MusterTier, *, before: Sequence[Seat], after: Sequence[Seat]) -> dict[str, str]:
    """Save the seats that moved or are new; return the names of everybody in `after` by id."""
    known = {seat.person: seat for seat in before}
    fresh = [seat for seat in after if seat.person not in known]
    MusterSeat.objects.bulk_create([_row(tier, seat) for seat in fresh])
    for seat in after:
        if seat.person in known and seat != known[seat.person]:
            MusterSeat.objects.filter(tier=tier, person_id=seat.person).update(
                state=seat.state, confirmed_at=seat.confirmed_at, via=seat.via, stands_in_for=seat.stands_in_for
            )
    if fresh or list(before) != list(after):
        people = Person.objects.filter(pk__in=[seat.person for seat in after])
        return {str(pk): name for pk, name in people.values_list("pk", "name")}
    return {}


def seat_facts(
    tier: MusterTier, *, before: Sequence[Seat], after: Sequence[Seat], names: Mapping[str, str]
) -> list[Fact]:
    """Return what to record: one fact per seat whose state became confirmed, declined, late or succeeded."""
    states = {seat.person: seat.state for seat in before}
    moved = [seat for seat in after if seat.state in VERBS and states.get(seat.person) != seat.state]
    stand_ins = {seat.stands_in_for: seat for seat in after if seat.state == "confirmed" and seat.stands_in_for}
    facts = []
    for seat in sorted(moved, key=lambda seat: list(VERBS).index(seat.state)):
        payload: dict[str, JSON] = {
            "person": names[seat.person],
            "person_id": seat.person,
            "tier": tier.key,
            "tier_name": tier.name,
            "via": seat.via,
            "stands_in_for": names[seat.stands_in_for] if seat.stands_in_for else "",
        }
        by = None
        if seat.state == "succeeded":
            payload["stand_in"] = names[stand_ins[seat.person].person]
        elif seat.state == "confirmed":
            by = Actor(kind="person", id=seat.person, name=names[seat.person], via=seat.via or "web")
        facts.append(Fact(verb=VERBS[seat.state], payload=payload, by=by))
    return facts


def _row(tier: MusterTier, seat: Seat) -> MusterSeat:
    return MusterSeat(
        tier=tier,
        person_id=seat.person,
        state=seat.state,
        position=seat.position,
        called_at=seat.called_at,
        confirmed_at=seat.confirmed_at,
        via=seat.via,
        stands_in_for_id=seat.stands_in_for,
    )
