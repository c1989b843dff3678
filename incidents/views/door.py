"""What every screen of an incident does first: find it, if this person may know of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from incidents.models import Incident
from incidents.queries import access_incident
from people.doors import signed_in
from people.models import Person

SeenIncident = Callable[[HttpRequest, Person, Incident], HttpResponse]


def of_incident(capability: str) -> Callable[[SeenIncident], Callable[..., HttpResponse]]:
    """As `signed_in`, and hand the view the incident of the address; 404 for one this person may not know of."""

    def wrap(view: SeenIncident) -> Callable[..., HttpResponse]:
        def inner(request: HttpRequest, person: Person, /, **address: int) -> HttpResponse:
            return view(request, person, access_incident(person, str(address["number"])))

        return wraps(view)(signed_in(capability)(inner))

    return wrap
