"""People, schedules and who is on call, in the API."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from engine import clock
from people.api_door import admit
from people.api_shapes import (
    OnCallOut,
    PersonOut,
    ScheduleOut,
    ScheduleRef,
    person_asked_for,
    person_out,
    schedule_out,
)
from people.models import Person
from people.permissions import READ
from people.queries import on_call_by_schedule, schedules_in_full
from web.api import Page, Query, Router, Window, paged
from web.api.fields import Moment
from web.errors import BadInput

router = Router(tags=["people"])
ME: Final = "me"
FIRST_YEAR, LAST_YEAR = 2000, 2200
"""The calendar ends at 9999, and turns are counted past the moment asked for."""


@router.get("/people", response=Page[PersonOut])
def list_people(request: HttpRequest, window: Query[Window], active: bool = True) -> dict[str, Any]:
    """People by name; `active=false` shows those who left."""
    admit(request, READ)
    people = Person.objects.get_queryset().filter(is_active=active)
    return paged(people, window=window, order=("name", "id"), serialize=person_out)


@router.get("/people/{person_id}", response=PersonOut)
def get_person(request: HttpRequest, person_id: str) -> PersonOut:
    """Somebody by id or e-mail address; `me` is whose token this is."""
    admitted = admit(request, READ)
    return person_out(admitted.person if person_id == ME else person_asked_for(person_id))


@router.get("/schedules", response=Page[ScheduleOut])
def list_schedules(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    """On-call schedules by name, with their rotations and the overrides that are not over."""
    admitted = admit(request, READ)
    return paged(schedules_in_full(since=admitted.now), window=window, order=("name",), serialize=schedule_out)


@router.get("/on-call", response=Page[OnCallOut])
def list_on_call(request: HttpRequest, at: Moment | None = None) -> dict[str, Any]:
    """Who has each schedule's duty at a moment; now, unless `at` says another."""
    admit(request, READ)
    moment = at or clock.now()
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        sentence = f"Choose a time between the years {FIRST_YEAR} and {LAST_YEAR}."
        raise BadInput(sentence, errors={"at": sentence})
    items = [
        OnCallOut(
            schedule=ScheduleRef(id=str(schedule.pk), name=schedule.name),
            at=moment,
            people=[person_out(person) for person in people],
        )
        for schedule, people in on_call_by_schedule(moment)
    ]
    return {"items": items, "next": None}
