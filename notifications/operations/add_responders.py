"""Add responders to a page: more people are called, whoever has it already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger.actor import Actor
from notifications import answers
from notifications.answers import Answer
from notifications.models import Page, Responder
from notifications.operations import outbox
from notifications.operations.call_next import deliveries_to
from notifications.operations.lock_page import lock_page
from notifications.operations.page_news import PageNews
from notifications.roll import Roll
from people.models import Person
from web.errors import IllegalMove

BUSY = (Responder.State.CALLED, Responder.State.DELIVERED, Responder.State.ACKNOWLEDGED)


def add_responders(*, page_id: UUID | str, people: Sequence[Person], by: Actor, now: datetime) -> Answer:
    """Call these people too, at once, by their rules for the page's urgency.

    The page's state stays: an acknowledged one stays acknowledged, and those added stop their own messages by their own
    answer. Who is being called or has answered is left alone. Somebody without a contact method is trouble, visible.
    Raises `IllegalMove` when the page is over. Locks as `acknowledge` does.
    """
    page = lock_page(page_id)
    if not page.is_open:
        raise IllegalMove("This page is over; start a new one to reach somebody.")
    busy = Responder.objects.filter(page=page, state__in=BUSY, called_at__gte=page.paging_since)
    new = [person for person in people if person.is_active and not busy.filter(person=person).exists()]
    if not new:
        return Answer(page=page, changed=False, sentence=answers.added([]))
    roll = Roll(now=now)
    roll.add(new)
    deliveries = {person: deliveries_to(person, page=page, roll=roll, now=now) for person in new}
    _write_responders(page, {person: bool(sent) for person, sent in deliveries.items()}, now=now)
    outbox.post([delivery for sent in deliveries.values() for delivery in sent])
    news = PageNews(by=by, now=now)
    news.say(
        page,
        "page.responders_added",
        payload={
            "people": [person.name for person in new],
            "person_ids": [str(person.pk) for person in new],
            "channels": {person.name: [each.channel for each in sent] for person, sent in deliveries.items()},
        },
    )
    news.trouble(page, [f"{p.name} has no contact method that works." for p, sent in deliveries.items() if not sent])
    page.save(update_fields=["trouble"])
    news.touch(page, *(str(person.pk) for person in new))
    news.publish()
    return Answer(
        page=page, changed=True, sentence=answers.added([person.name for person in new if deliveries[person]])
    )


def _write_responders(page: Page, reachable: dict[Person, bool], *, now: datetime) -> None:
    Responder.objects.bulk_create(
        [
            Responder(
                page=page,
                person=person,
                state=Responder.State.CALLED if reached else Responder.State.UNREACHABLE,
                level=page.level,
                round=page.round,
                called_at=now,
            )
            for person, reached in reachable.items()
        ],
        update_conflicts=True,
        unique_fields=["page", "person"],
        update_fields=["state", "level", "round", "called_at", "delivered_at", "answered_at", "via", "on_behalf_by"],
    )
