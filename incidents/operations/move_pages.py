"""Tell a tier's page what it can't know by itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.rules.muster import Review
from ledger.actor import Actor
from notifications.operations.acknowledge import acknowledge
from notifications.operations.add_responders import add_responders
from notifications.operations.escalate import escalate
from people.actors import actor_for
from people.models import Person


def move_page(review: Review, *, page_id: UUID, by: Actor, now: datetime) -> None:
    """Count on the page who confirmed elsewhere, call whom nobody rings any more, go on where it waits in vain.

    Expects the lock of the incident and of its open pages.
    """
    told = [seat.person for seat in review.tell_page]
    people = Person.objects.in_bulk([*told, *review.call_too], field_name="id")
    by_id = {str(pk): person for pk, person in people.items()}
    for seat in review.tell_page:
        person = by_id[seat.person]
        via = seat.via or "web"
        acknowledge(page_id=page_id, person=person, by=actor_for(person, via=via), via=via, now=now)
    if review.call_too:
        add_responders(page_id=page_id, people=[by_id[person] for person in review.call_too], by=by, now=now)
    if review.push_on:
        escalate(page_id=page_id, by=by, now=now)
