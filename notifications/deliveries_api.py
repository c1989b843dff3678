"""Deliveries in the API: what was sent to whom, and what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from notifications.api_shapes import DeliveriesAsked, DeliveryOut, delivery_out
from notifications.doors import access_page, visible_deliveries
from notifications.models import Page
from notifications.subject_doors import subject_doors
from people.api_door import admit
from people.api_shapes import person_asked_for
from people.permissions import READ
from web.api import Page as Part
from web.api import Query, Router, paged

router = Router(tags=["deliveries"])


@router.get("/deliveries", response=Part[DeliveryOut])
def list_deliveries(request: HttpRequest, asked: Query[DeliveriesAsked]) -> dict[str, Any]:
    """Deliveries, newest first, with every attempt; your own and those of pages that you may see."""
    admitted = admit(request, READ)
    found = visible_deliveries(admitted.person)
    if asked.incident:
        subject = subject_doors.find(admitted.person, kind="incident", text=asked.incident)
        # Ids at hand, not a subquery: the database then sees that few deliveries are theirs and asks the right index.
        found = found.filter(page__in=list(Page.objects.filter(subject=subject).values_list("pk", flat=True)))
    if asked.page:
        found = found.filter(page=access_page(admitted.person, asked.page))
    if asked.person:
        found = found.filter(person=person_asked_for(asked.person))
    if asked.state:
        found = found.filter(state=asked.state)
    return paged(found, window=asked, order=("-id",), serialize=delivery_out)
