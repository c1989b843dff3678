"""The narrow doors to pages and deliveries: nobody reads one about something they may not know of."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from notifications.models import Delivery, Page
from notifications.queries import pages
from notifications.subject_doors import subject_doors
from people.models import Person
from people.permissions import AUDIT, READ, may
from web.errors import NotFound


def visible_pages(person: Person) -> QuerySet[Page, Page]:
    """Return the pages that this person may see, with responders at hand; without `READ` those that called them."""
    found = pages()
    if not may(person, READ):
        return found.filter(responders_called__person=person)
    for hidden in subject_doors.hidden_from(person):
        found = found.exclude(subject__in=hidden)
    return found


def audible_pages(person: Person, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these pages this person may see, and so hear of when they change."""
    return set(visible_pages(person).order_by().filter(pk__in=ids).values_list("pk", flat=True))


def access_page(person: Person, page_id: UUID | str) -> Page:
    """Return a page by its id if this person may see it; raise `NotFound` for any other."""
    try:
        wanted = UUID(str(page_id))
    except ValueError:
        raise NotFound("There is no such page.") from None
    page = visible_pages(person).filter(pk=wanted).first()
    if page is None:
        raise NotFound("There is no such page.")
    return page


def visible_deliveries(person: Person) -> QuerySet[Delivery, Delivery]:
    """Return deliveries, newest first, with person and attempts at hand.

    Who may audit sees all; others their own and those of pages they may see.
    """
    found = Delivery.objects.select_related("person").prefetch_related("attempts").order_by("-pk")
    if may(person, AUDIT):
        return found
    of_pages = Q(page__isnull=False)
    if not may(person, READ):
        return found.filter(person=person)
    for hidden in subject_doors.hidden_from(person):
        of_pages &= ~Q(page__subject__in=hidden)
    return found.filter(Q(person=person) | of_pages)
