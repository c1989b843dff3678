"""Who was called about an incident and what became of it, per person, for the room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db.models import QuerySet

from incidents.models import Incident
from notifications.models import Delivery, Page, Responder
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
    """One person: their best answer over all pages of the incident, and each message to them, newest first."""

    person: Person
    responder: Responder
    deliveries: list[Delivery] = field(default_factory=list)


def calls_of(incident: Incident) -> list[Called]:
    """Return everybody who was called, in the order of the first call (two queries, at most 400 deliveries)."""
    found: dict[object, Called] = {}
    responders = Responder.objects.filter(page__subject=incident.subject).select_related("person", "page")
    for responder in responders.order_by("called_at", "pk"):
        known = found.get(responder.person_id)
        if known is None:
            found[responder.person_id] = Called(person=responder.person, responder=responder)
        elif _ANSWERED[Responder.State(responder.state)] > _ANSWERED[Responder.State(known.responder.state)]:
            known.responder = responder
    for delivery in _deliveries(incident):
        if delivery.person_id in found:
            found[delivery.person_id].deliveries.append(delivery)
    return list(found.values())


def _deliveries(incident: Incident) -> QuerySet[Delivery, Delivery]:
    pages = Page.objects.filter(subject=incident.subject).values("pk")
    return Delivery.objects.filter(page__in=pages).order_by("-pk")[:MOST_DELIVERIES]
