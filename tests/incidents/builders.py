"""Plain typed builders for incidents: Harbor Hosting's leaders, and declarations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from engine.duties import run_once
from incidents.models import Incident, MusterRequirement, MusterSeat, Service, SeverityPolicy
from incidents.operations.declare import declare
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.decline import decline
from people.models import Person, Tier
from tests.builders import NOW, by, make_person, make_policy, make_schedule, make_tier

DEADLINE_S, SUCCESSION_S = 300, 180


@dataclass(frozen=True, kw_only=True)
class Company:
    """The cast by name."""

    people: dict[str, Person]

    def __getattr__(self, name: str) -> Person:
        """Return the person of that name in lower case: `company.ada`."""
        try:
            return self.people[name.capitalize()]
        except KeyError:
            raise AttributeError(name) from None


def make_company(*, quorums: dict[str, int] | None = None) -> Company:
    """Make leaders in four tiers, all of them needed for a SEV1 and those on call for a SEV2.

    The VPs succeed the CEO, Vera's and Vic's stand-in is Mia, the managers' is Sid, Olga is on call after Otto.
    """
    names = ("Ada", "Vic", "Vera", "Mia", "Max", "Otto", "Olga", "Sid", "Cam", "Alma")
    people = {name: make_person(name) for name in names}
    c = Company(people=people)
    tiers = {
        "ceo": make_tier("ceo", c.ada, rank=1, line=[c.vera, c.vic]),
        "vp": make_tier("vp", c.vic, c.vera, rank=2, line=[c.mia]),
        "manager": make_tier("manager", c.mia, c.max, rank=3, line=[c.sid]),
        "on_call": make_tier("on_call", rank=4, line=[c.olga]),
    }
    schedule = make_schedule("Hosting", c.otto, c.olga)
    Tier.objects.filter(pk=tiers["on_call"].pk).update(schedule=schedule)
    for severity in (1, 2, 3, 4):
        SeverityPolicy.objects.create(
            severity=severity, meaning=f"Meaning of SEV{severity}", rounds=1, high_urgency=severity < 4
        )
    for key, tier in tiers.items():
        require(1, tier, quorum=(quorums or {}).get(key, 1))
    require(2, tiers["on_call"])
    return c


def require(severity: int, tier: Tier, *, quorum: int = 1) -> MusterRequirement:
    """Let a severity need `quorum` people of a tier within 300 s, each successor having 180 s."""
    return MusterRequirement.objects.create(
        severity_id=severity, tier=tier, quorum=quorum, deadline_s=DEADLINE_S, succession_s=SUCCESSION_S
    )


def make_service(key: str = "mail", *people: Person) -> Service:
    """Make a service whose policy reaches `people`, or one without a policy."""
    policy = make_policy((300, list(people)), name=f"Policy of {key}") if people else None
    return Service.objects.create(key=key, name=key.capitalize(), policy=policy)


def make_incident(
    title: str = "Customer database read from outside",
    *,
    severity: int = 1,
    declared_by: Person | Actor | None = None,
    now: datetime = NOW,
    **more: Any,
) -> Incident:
    """Declare an incident by its operation."""
    actor = by(declared_by) if isinstance(declared_by, Person) else declared_by or Actor.system()
    with transaction.atomic():
        return declare(title=title, severity=severity, by=actor, now=now, **more)


def after(seconds: float) -> datetime:
    """Return the moment so many seconds after `NOW`."""
    return NOW + timedelta(seconds=seconds)


def pass_time(*moments: float) -> None:
    """Let the engine do what is due at each of these seconds after `NOW`."""
    for seconds in moments:
        for _ in range(3):
            run_once("pages", now=after(seconds))
            run_once("musters", now=after(seconds))


def page_of(incident: Incident, purpose: str) -> Page:
    """Return the incident's newest page for a purpose such as "muster:vp"."""
    return Page.objects.filter(subject=incident.subject, purpose=purpose).latest("started_at")


def answer(incident: Incident, person: Person, tier: str, *, at: float, via: str = "voice") -> None:
    """Let somebody confirm on a tier's page, and let the muster hear of it."""
    with transaction.atomic():
        page = page_of(incident, f"muster:{tier}")
        acknowledge(page_id=page.pk, person=person, by=by(person, via), via=via, now=after(at))
    pass_time(at)


def refuse(incident: Incident, person: Person, tier: str, *, at: float) -> None:
    """Let somebody say "can't, next please" on a tier's page, and let the muster hear of it."""
    with transaction.atomic():
        decline(page_id=page_of(incident, f"muster:{tier}").pk, person=person, by=by(person), now=after(at))
    pass_time(at)


def seat(incident: Incident, tier: str, person: Person) -> MusterSeat:
    """Return somebody's seat in a tier."""
    return MusterSeat.objects.get(tier__muster=incident.pk, tier__key=tier, person=person)


def states(incident: Incident, tier: str) -> dict[str, str]:
    """Return the seats' states of a tier by name."""
    seats = MusterSeat.objects.filter(tier__muster=incident.pk, tier__key=tier)
    return dict(seats.values_list("person__name", "state"))


def called(incident: Incident) -> set[str]:
    """Return the names of everybody for whom a message about the incident was written."""
    return set(
        Page.objects.filter(subject=incident.subject, deliveries__isnull=False).values_list(
            "deliveries__person__name", flat=True
        )
    )
