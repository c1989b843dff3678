"""Remind who acknowledged a page and has not been heard of since."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Delivery, Page
from notifications.operations import outbox
from notifications.operations.call_next import deliveries_to
from notifications.operations.page_news import PageNews
from notifications.roll import Roll


def remind(page: Page, *, news: PageNews, now: datetime) -> None:
    """Send a reminder to the acknowledger by the first of their contact rules. Expects the page's lock.

    Somebody who can't be reached any more is trouble, visible; the page then starts again in its time.
    """
    person = page.acknowledged_by
    if person is None or not person.is_active:
        news.trouble(page, ["Who acknowledged it is no longer there to be reminded."])
        page.save(update_fields=["trouble"])
        return
    roll = Roll(now=now)
    roll.add([person])
    possible = deliveries_to(person, page=page, roll=roll, now=now)
    first = [delivery for delivery in possible if delivery.not_before == possible[0].not_before]
    for delivery in first:
        delivery.kind, delivery.not_before = Delivery.Kind.REMINDER, now
    if not first:
        news.trouble(page, [f"{person.name} could not be reminded: no contact method works."])
        page.save(update_fields=["trouble"])
        return
    outbox.post(first)
    news.say(
        page,
        "page.reminded",
        payload={
            "people": [person.name],
            "person_ids": [str(person.pk)],
            "channels": {person.name: [delivery.channel for delivery in first]},
        },
    )
    news.touch(page, str(person.pk))
