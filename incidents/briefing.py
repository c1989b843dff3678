"""What one person sees at a glance: the briefing on an incident, and everything that is open now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from incidents.board import Board, RollCount, muster_board, roll_counts
from incidents.models import Incident, MusterSeat, RoleAssignment
from incidents.queries import commander_of, held_roles, visible_incidents
from incidents.rules.numbers import seconds_between
from incidents.timeline import Line, newest_lines
from notifications.models import Page, Responder
from notifications.queries import waiting_once
from people.models import Person, Schedule
from people.turns import turn_now


@dataclass(frozen=True, kw_only=True)
class Briefing:
    """What happened, since when, who is hit, who has command, who was called with you, what waits for you.

    `open_for_s` is in seconds, until it was resolved or until now. `called_with_you` leaves you out. `waits` are your
    pages about it that want an answer; `latest` is newest first.
    """

    incident: Incident
    open_for_s: float
    hit: str
    alerts: int
    commander: Person | None
    roles: list[RoleAssignment]
    board: Board
    called_with_you: list[Person]
    waits: list[Page]
    latest: list[Line]


def briefing(incident: Incident, *, person: Person, now: datetime) -> Briefing:
    """Return the briefing on an incident that `person` may see."""
    called = Person.objects.active().filter(pages_called_for__page__subject=incident.subject)
    return Briefing(
        incident=incident,
        open_for_s=seconds_between(incident.opened_at, incident.resolved_at or incident.closed_at or now),
        hit=incident.service.name if incident.service else "",
        alerts=incident.alert_count,
        commander=commander_of(incident),
        roles=list(RoleAssignment.objects.filter(incident=incident, until=None).select_related("person")),
        board=muster_board(incident),
        called_with_you=list(called.exclude(pk=person.pk).distinct().order_by("name")),
        waits=waiting_once(person, subject=incident.subject),
        latest=newest_lines(incident, limit=10, headlines_only=True),
    )


@dataclass(frozen=True, kw_only=True)
class OpenIncident:
    """An open incident as a row: who has command, how the muster stands (None where none is needed)."""

    incident: Incident
    commander: Person | None
    open_for_s: float
    roll: RollCount | None


@dataclass(frozen=True, kw_only=True)
class OnCall:
    """Who a schedule names now, until when; nobody is a gap."""

    schedule: Schedule
    people: list[Person]
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Late:
    """Somebody whom an open incident waits for beyond the deadline; `tier` is the tier's name, "" for other pages."""

    incident: Incident
    person: Person
    tier: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Now:
    """Everything that is open now, worst first."""

    incidents: list[OpenIncident]
    on_call: list[OnCall]
    late: list[Late]
    waits: list[Page]


def now_board(person: Person, *, now: datetime, in_public: bool = False) -> Now:
    """Return what is open now, as far as `person` may see it; `in_public`: as far as everybody may."""
    visible = visible_incidents(person)
    rows = (
        (visible.filter(private=False) if in_public else visible)
        .filter(status__in=Incident.OPEN)
        .select_related("service")
        .prefetch_related(held_roles())
        .order_by("severity", "-opened_at")
    )
    found = list(rows)
    rolls = roll_counts(found)
    return Now(
        incidents=[_row(incident, roll=rolls.get(incident.pk), now=now) for incident in found],
        on_call=[_on_call(schedule, now=now) for schedule in Schedule.objects.all()],
        late=_late(found),
        waits=waiting_once(person),
    )


def _on_call(schedule: Schedule, *, now: datetime) -> OnCall:
    turn = turn_now(schedule, now=now)
    return OnCall(schedule=schedule, people=turn.people, until=turn.until)


def _row(incident: Incident, *, roll: RollCount | None, now: datetime) -> OpenIncident:
    held: list[RoleAssignment] = getattr(incident, "held", [])
    commander = next((each.person for each in held if each.role == "commander"), None)
    open_s = seconds_between(incident.opened_at, now)
    return OpenIncident(incident=incident, commander=commander, open_for_s=open_s, roll=roll)


def _late(incidents: list[Incident]) -> list[Late]:
    """Return leaders who are late with nobody confirmed in their place, then others late on a page still calling.

    Somebody late in several tiers of one incident is one entry that names them all.
    """
    by_id = {incident.pk: incident for incident in incidents}
    seats = MusterSeat.objects.filter(
        tier__muster__in=by_id, state=MusterSeat.State.LATE, tier__state__in=("gathering", "exhausted")
    ).select_related("person", "tier")
    late: dict[tuple[UUID, UUID], Late] = {}
    for seat in sorted(seats, key=lambda seat: (seat.tier.rank, seat.position)):
        key = (seat.tier.muster_id, seat.person_id)
        known = late.get(key)
        late[key] = Late(
            incident=by_id[seat.tier.muster_id],
            person=seat.person,
            tier=f"{known.tier}, {seat.tier.name}" if known else seat.tier.name,
            since=min(known.since, seat.tier.deadline) if known else seat.tier.deadline,
        )
    subjects = {incident.subject: incident for incident in incidents}
    responders = Responder.objects.filter(
        page__subject__in=subjects, page__state=Page.State.PAGING, state=Responder.State.LATE
    ).exclude(page__purpose__startswith="muster:")
    for responder in responders.select_related("person", "page"):
        incident = subjects[responder.page.subject]
        late.setdefault(
            (incident.pk, responder.person_id),
            Late(incident=incident, person=responder.person, tier="", since=responder.called_at),
        )
    return list(late.values())
