"""Deliveries in the API: what was sent to whom, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from notifications.api_shapes import DeliveriesAsked, DeliveryOut, delivery_out
from notifications.deliveries_search import Search, search
from notifications.doors import access_page, visible_deliveries
from notifications.models import Page
from notifications.subject_doors import subject_doors
from people.api_door import admit
from people.api_shapes import person_asked_for
from people.models import Person
from people.permissions import AUDIT, READ, require
from web.api import Page as Part
from web.api import Query, Router, paged

router = Router(tags=["deliveries"])


@router.get("/deliveries", response=Part[DeliveryOut])
def list_deliveries(request: HttpRequest, asked: Query[DeliveriesAsked]) -> dict[str, Any]:
    """Deliveries, newest first, with every attempt; your own and those of pages that you may see."""
    admitted = admit(request, READ)
    if asked.address:
        # Not shown by the API, and so not to be guessed bit by bit either.
        require(admitted.person, AUDIT)
    wanted = Search(
        person=person_asked_for(asked.person) if asked.person else None,
        state=asked.state,
        channel=asked.channel,
        provider=asked.provider,
        result=asked.result,
        code=asked.code,
        address=asked.address,
        since=asked.since,
        until=asked.until,
        pages=_pages(admitted.person, asked),
    )
    found = search(visible_deliveries(admitted.person), wanted)
    return paged(found, window=asked, order=("-id",), serialize=delivery_out)


def _pages(person: Person, asked: DeliveriesAsked) -> set[UUID] | None:
    """Return the pages that are asked about, None for any; raise `NotFound` for those the caller may not see."""
    pages: set[UUID] | None = None
    if asked.incident:
        subject = subject_doors.find(person, kind="incident", text=asked.incident)
        # Ids at hand, not a subquery: the database then sees that few deliveries are theirs and asks the right index.
        pages = set(Page.objects.filter(subject=subject).values_list("pk", flat=True))
    if asked.page:
        page = access_page(person, asked.page)
        pages = {page.pk} if pages is None else pages & {page.pk}
    return pages
