"""Who was called about an incident and what became of it, per person, for the room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db.models import QuerySet

from engine import clock
from incidents.models import Incident
from notifications.models import Delivery, Page, Responder
from notifications.rules.tale import Happened
from notifications.tales import tales
from people.models import Person

MOST_DELIVERIES: Final = 400

_ANSWERED: Final = {
    Responder.State.ACKNOWLEDGED: 5,
    Responder.State.DECLINED: 4,
    Responder.State.DELIVERED: 3,
    Responder.State.CALLED: 2,
    Responder.State.LATE: 1,
    Responder.State.UNREACHABLE: 0,
}


@dataclass(kw_only=True)
class Called:
    """One person: their best answer over all pages of the incident, each message to them, newest first, and what
    happened in words."""

    person: Person
    responder: Responder
    deliveries: list[Delivery] = field(default_factory=list)
    tale: list[Happened] = field(default_factory=list)


def calls_of(incident: Incident) -> list[Called]:
    """Return everybody who was called, in the order of the first call (three queries, at most 400 deliveries)."""
    found: dict[object, Called] = {}
    responders = list(
        Responder.objects.filter(page__subject=incident.subject)
        .select_related("person", "page")
        .order_by("called_at", "pk")
    )
    for responder in responders:
        known = found.get(responder.person_id)
        if known is None:
            found[responder.person_id] = Called(person=responder.person, responder=responder)
        elif _ANSWERED[Responder.State(responder.state)] > _ANSWERED[Responder.State(known.responder.state)]:
            known.responder = responder
    deliveries = list(_deliveries(incident))
    for delivery in deliveries:
        if delivery.person_id in found:
            found[delivery.person_id].deliveries.append(delivery)
    for person_id, told in tales(deliveries, responders, now=clock.now()).items():
        if person_id in found:
            found[person_id].tale = told
    return list(found.values())


def _deliveries(incident: Incident) -> QuerySet[Delivery, Delivery]:
    pages = Page.objects.filter(subject=incident.subject).values("pk")
    return Delivery.objects.filter(page__in=pages).prefetch_related("attempts").order_by("-pk")[:MOST_DELIVERIES]
