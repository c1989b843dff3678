"""Snooze a page: quiet until a given time, then it pages again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from ledger.actor import Actor
from notifications import answers
from notifications.answers import Answer
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.lock_page import lock_page
from notifications.operations.page_news import PageNews
from people.models import Person
from web.errors import BadInput, IllegalMove

LONGEST: Final = timedelta(hours=24)
"""A page asleep for longer is a page forgotten."""


def snooze(
    *, page_id: UUID | str, person: Person, until: datetime, by: Actor, now: datetime, via: str | None = None
) -> Answer:
    """Keep a page quiet until `until` (at most 24 hours ahead); then it starts again from its first level.

    Snoozing a paging page acknowledges it for `person`; where that is not enough, because others are required too,
    nothing changes and `IllegalMove` says so: a quorum can't be slept through. Raises `BadInput` for a time that has
    passed or lies too far ahead. Locks as `acknowledge` does.
    """
    if not now < until <= now + LONGEST:
        sentence = "Choose a time within the next 24 hours."
        raise BadInput(sentence, errors={"until": sentence})
    page = lock_page(page_id)
    if page.state == Page.State.PAGING:
        page = acknowledge(page_id=page.pk, person=person, by=by, now=now, via=via).page
        if page.state != Page.State.ACKNOWLEDGED:
            raise IllegalMove("Others have to answer too; it can be snoozed once they have.")
    if page.state != Page.State.ACKNOWLEDGED:
        raise IllegalMove("This page is over; there is nothing to snooze.")
    page.snoozed_until = page.next_step_at = until
    page.reminded_at = None
    page.save(update_fields=["snoozed_until", "next_step_at", "reminded_at"])
    news = PageNews(by=by, now=now)
    news.say(page, "page.snoozed", payload={"until": until.isoformat(), "people": [person.name]})
    news.touch(page, str(person.pk))
    news.publish()
    return Answer(page=page, changed=True, sentence=answers.snoozed(person, until=until))
