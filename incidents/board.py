"""The muster board: who of the leaders was called, who confirmed, who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from incidents.models import Incident, Muster, MusterSeat, MusterTier
from incidents.rules.numbers import seconds_between
from people.models import Person


@dataclass(frozen=True, kw_only=True)
class BoardSeat:
    """One person in a tier; `state` is called, delivered, confirmed, declined, late or succeeded.

    `succeeded_by` stands in for them, confirmed or not yet.
    """

    person: Person
    state: str
    called_at: datetime | None
    confirmed_at: datetime | None
    via: str
    stands_in_for: Person | None
    succeeded_by: Person | None


@dataclass(frozen=True, kw_only=True)
class BoardTier:
    """One tier that the incident needs."""

    key: str
    name: str
    quorum: int
    deadline: datetime
    state: str
    completed_at: datetime | None
    page_id: str
    people: tuple[BoardSeat, ...]

    @property
    def confirmed(self) -> int:
        """Return how many have confirmed."""
        return sum(seat.state == "confirmed" for seat in self.people)


@dataclass(frozen=True, kw_only=True)
class Board:
    """The whole muster: `state` is none, gathering, complete or exhausted.

    `time_to_muster_s` is None until it is complete.
    """

    state: str
    started_at: datetime | None
    completed_at: datetime | None
    time_to_muster_s: float | None
    tiers: tuple[BoardTier, ...]

    @property
    def needed(self) -> int:
        """Return how many confirmations are needed in all."""
        return sum(tier.quorum for tier in self.tiers)

    @property
    def confirmed(self) -> int:
        """Return how many of those needed have come, each tier counted up to its quorum."""
        return sum(min(tier.confirmed, tier.quorum) for tier in self.tiers)


@dataclass(frozen=True, kw_only=True)
class RollCount:
    """How many of the needed leaders have confirmed, each tier counted up to its quorum."""

    confirmed: int
    needed: int
    started_at: datetime
    completed_at: datetime | None


def roll_counts(incidents: Iterable[Incident]) -> dict[UUID, RollCount]:
    """Return the count for each of `incidents` that has a muster (one query for all of them)."""
    confirmed = Count("seats", filter=Q(seats__state=MusterSeat.State.CONFIRMED))
    tiers = MusterTier.objects.filter(muster__in=[incident.pk for incident in incidents])
    by_muster: dict[UUID, list[MusterTier]] = {}
    for tier in tiers.select_related("muster").annotate(confirmed=confirmed):
        by_muster.setdefault(tier.muster_id, []).append(tier)
    return {
        pk: RollCount(
            confirmed=sum(min(tier.confirmed, tier.quorum) for tier in found),  # type: ignore[attr-defined]
            needed=sum(tier.quorum for tier in found),
            started_at=found[0].muster.started_at,
            completed_at=found[0].muster.completed_at,
        )
        for pk, found in by_muster.items()
    }


NOBODY_NEEDED = Board(state="none", started_at=None, completed_at=None, time_to_muster_s=None, tiers=())


def muster_board(incident: Incident) -> Board:
    """Return the incident's board (three queries)."""
    muster = Muster.objects.filter(incident=incident).first()
    if muster is None:
        return NOBODY_NEEDED
    seats: dict[int, list[MusterSeat]] = {}
    for seat in MusterSeat.objects.filter(tier__muster=muster).select_related("person", "stands_in_for"):
        seats.setdefault(seat.tier_id, []).append(seat)
    took = seconds_between(muster.started_at, muster.completed_at) if muster.completed_at else None
    return Board(
        state=muster.state,
        started_at=muster.started_at,
        completed_at=muster.completed_at,
        time_to_muster_s=took,
        tiers=tuple(_tier(tier, seats.get(tier.pk, [])) for tier in muster.tiers.order_by("rank", "pk")),
    )


def _tier(tier: MusterTier, seats: list[MusterSeat]) -> BoardTier:
    return BoardTier(
        key=tier.key,
        name=tier.name,
        quorum=tier.quorum,
        deadline=tier.deadline,
        state=tier.state,
        completed_at=tier.completed_at,
        page_id=str(tier.page_id) if tier.page_id else "",
        people=tuple(_seat(seat, seats) for seat in sorted(seats, key=lambda seat: seat.position)),
    )


def _seat(seat: MusterSeat, seats: list[MusterSeat]) -> BoardSeat:
    stand_ins = [each for each in seats if each.stands_in_for_id == seat.person_id]
    ready = [each for each in stand_ins if each.state == MusterSeat.State.CONFIRMED] or [
        each for each in stand_ins if each.state in (MusterSeat.State.CALLED, MusterSeat.State.DELIVERED)
    ]
    return BoardSeat(
        person=seat.person,
        state=seat.state,
        called_at=seat.called_at,
        confirmed_at=seat.confirmed_at,
        via=seat.via,
        stands_in_for=seat.stands_in_for,
        succeeded_by=ready[0].person if ready else None,
    )
