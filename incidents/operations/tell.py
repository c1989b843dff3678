"""Tell people what they should know, without asking for an answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from incidents.models import Incident
from notifications.models import ContactMethod, Delivery, Urgency
from notifications.operations.outbox import post
from people.models import Person

USEFUL_FOR: Final = timedelta(hours=4)
"""After that, who holds a role has been told by the screen."""


def tell(people: Iterable[Person], *, incident: Incident, sentence: str, now: datetime) -> list[Delivery]:
    """Send `sentence` to each of `people` once, by the way they chose for what can wait; return the deliveries.

    Somebody without any contact method hears it on the screen only. Expects the incident locked.
    """
    methods = [method for person in people if (method := _quiet_method(person)) is not None]
    return post(
        [
            Delivery(
                person_id=method.person_id,
                contact_method=method,
                kind=Delivery.Kind.NEWS,
                channel=method.channel,
                address=method.address,
                content={"headline": incident.headline, "sentence": sentence},
                urgency=Urgency.LOW,
                severity=incident.severity,
                not_before=now,
                created_at=now,
                expires_at=now + USEFUL_FOR,
            )
            for method in methods
        ]
    )


def _quiet_method(person: Person) -> ContactMethod | None:
    """Return the method that their rules use first for low urgency, else the first one that works."""
    usable: QuerySet[ContactMethod] = person.contact_methods.filter(disabled_at=None, opted_out_at=None)
    chosen = usable.filter(rules__urgency=Urgency.LOW).order_by("rules__delay_s", "rules__pk").first()
    return chosen or usable.order_by("created_at").first()
