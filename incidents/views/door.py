"""What every screen of an incident does first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from incidents.models import Incident
from incidents.queries import access_incident
from people.models import Person
from people.permissions import require

P = ParamSpec("P")
Seen = Callable[Concatenate[HttpRequest, Person, P], HttpResponse]
SeenIncident = Callable[Concatenate[HttpRequest, Person, Incident, P], HttpResponse]


def signed_in(capability: str) -> Callable[[Seen[P]], Callable[..., HttpResponse]]:
    """Let in who is signed in and holds `capability`, and hand the view the person."""

    def wrap(view: Seen[P]) -> Callable[..., HttpResponse]:
        @never_cache
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = reader(request)
            require(person, capability)
            return view(request, person, *args, **kwargs)

        return inner

    return wrap


def of_incident(capability: str) -> Callable[[SeenIncident[P]], Callable[..., HttpResponse]]:
    """As `signed_in`, and hand the view the incident of the address, if the person may know of it (else 404)."""

    def wrap(view: SeenIncident[P]) -> Callable[..., HttpResponse]:
        @signed_in(capability)
        @wraps(view)
        def inner(request: HttpRequest, person: Person, number: int, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, person, access_incident(person, str(number)), *args, **kwargs)

        return inner

    return wrap


def reader(request: HttpRequest) -> Person:
    """Return who is signed in; the caller made sure that somebody is."""
    assert isinstance(request.user, Person)  # noqa: S101  (login_required came before)
    return request.user
