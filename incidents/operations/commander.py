"""Command by rule: somebody has it from the first answer on."""

from __future__ import annotations

from datetime import datetime

from incidents.answers import PagesNow
from incidents.models import Incident, MusterSeat, RoleAssignment, RoleName
from incidents.operations.recording import Fact
from ledger.actor import Actor
from notifications.models import Responder
from people.models import Person, Tier

RULE = Actor(kind="rule", id="rule:first-on-call-commands", name="First on call takes command", via="rule")


def take_command_by_rule(*, incident: Incident, pages: PagesNow, now: datetime) -> list[Fact]:
    """Give command to the first who confirmed of those on call, unless somebody has it; return what to record.

    On call are the tiers whose member a schedule names and the people of the service's policy. Expects the incident
    locked.
    """
    if incident.roles.filter(role=RoleName.COMMANDER).exists():
        return []  # also when it was given back: a rule does not overrule people
    person = _first_of_tier(incident) or _first_of_service(pages)
    if person is None:
        return []
    RoleAssignment.objects.create(incident=incident, role=RoleName.COMMANDER, person=person, since=now)
    return [
        Fact(
            verb="incident.role_assigned",
            payload={
                "role": RoleName.COMMANDER.value,
                "role_name": str(RoleName.COMMANDER.label),
                "person": person.name,
                "person_id": str(person.pk),
                "previous": "",
            },
            by=RULE,
        )
    ]


def _first_of_tier(incident: Incident) -> Person | None:
    on_call = Tier.objects.filter(schedule__isnull=False).values("key")
    seats = MusterSeat.objects.filter(
        tier__muster_id=incident.pk, tier__key__in=on_call, state=MusterSeat.State.CONFIRMED
    )
    seat = seats.select_related("person").order_by("confirmed_at", "position").first()
    return seat.person if seat else None


def _first_of_service(pages: PagesNow) -> Person | None:
    service_pages = [page for page in pages.pages.values() if page.purpose == "service"]
    answers = Responder.objects.filter(
        page__in=service_pages, state=Responder.State.ACKNOWLEDGED, on_behalf_by="", level__gte=1
    )
    answer = answers.select_related("person").order_by("answered_at", "pk").first() if service_pages else None
    return answer.person if answer else None
