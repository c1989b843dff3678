"""Write down what a person answered to a page, for every verb that is an answer."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from notifications.models import Page, Responder
from people.models import Person


def is_own(person: Person, *, by: Actor) -> bool:
    """Tell whether `by` answers for themselves; the actor's id is then the person's, whatever way they came in."""
    return by.id == str(person.pk)


def responder_of(page: Page, person: Person) -> Responder | None:
    """Return the person's place on the page, None when they were not called. Expects the page's lock."""
    return Responder.objects.filter(page=page, person=person).first()


def has_answered(responder: Responder | None, *, page: Page, person: Person, state: str, by: Actor) -> bool:
    """Tell whether `by` would only repeat what was answered in the present search.

    Their own answer counts for more than one that somebody else gave for them, never the other way round.
    """
    return (
        responder is not None
        and responder.state == state
        and not (responder.on_behalf_by and is_own(person, by=by))
        and responder.answered_at is not None
        and responder.answered_at >= page.paging_since
    )


def record_answer(page: Page, person: Person, *, state: str, by: Actor, via: str, now: datetime) -> None:
    """Store the answer, also of somebody who was not called. Expects the page's lock.

    An answer that waited for the lock of a new search counts for it: it is dated no earlier than that search.
    """
    at = max(now, page.paging_since)
    answer = {
        "state": state,
        "answered_at": at,
        "via": via[:20],
        "on_behalf_by": "" if is_own(person, by=by) else by.name[:200],
    }
    Responder.objects.update_or_create(
        page=page,
        person=person,
        defaults=answer,
        create_defaults={**answer, "level": page.level, "round": page.round, "called_at": at},
    )
