"""What happened to everybody whom a page called, in words, in the API."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from engine import clock
from notifications.doors import access_page
from notifications.models import Delivery
from notifications.rules.tale import Happened
from notifications.tales import MOST_DELIVERIES, tales
from people.api_door import admit
from people.api_shapes import PersonRef, person_ref
from web.api import Router, Schema

router = Router(tags=["pages"])


class HappenedOut(Schema):
    """One phrase ("no answer", "called again", "confirmed by key") and its moment; `since`: it has been so from then on
    ("call waits to be sent")."""

    words: str
    at: datetime
    since: bool


class PersonTaleOut(Schema):
    """One person's night: what happened, oldest first, then what comes next."""

    person: PersonRef
    happened: list[HappenedOut]


class TaleOut(Schema):
    """Everybody whom the page called, in that order."""

    people: list[PersonTaleOut]


@router.get("/pages/{page_id}/tale", response=TaleOut)
def get_tale(request: HttpRequest, page_id: str) -> TaleOut:
    """What became of a page's messages and answers, in words, for each person it called."""
    page = access_page(admit(request).person, page_id)
    called = list(page.responders_called.all())
    newest = Delivery.objects.filter(page=page).prefetch_related("attempts").order_by("-pk")[:MOST_DELIVERIES]
    told = tales(newest, called, now=clock.now())
    return TaleOut(
        people=[
            PersonTaleOut(
                person=person_ref(each.person), happened=[_happened_out(one) for one in told.get(each.person_id, [])]
            )
            for each in called
        ]
    )


def _happened_out(one: Happened) -> HappenedOut:
    return HappenedOut(words=one.words, at=one.at, since=one.since)
