"""What every screen does first: somebody is signed in and may do this."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from people.models import Person
from people.permissions import require

P = ParamSpec("P")
Seen = Callable[Concatenate[HttpRequest, Person, P], HttpResponse]


def signed_in(capability: str = "") -> Callable[[Seen[P]], Callable[..., HttpResponse]]:
    """Let in who is signed in and holds `capability` ("": anybody who is signed in), and hand the view the person.

    Nobody is led to the sign-in; somebody without the capability gets `NotAllowed` (403).
    """

    def wrap(view: Seen[P]) -> Callable[..., HttpResponse]:
        @never_cache
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = request.user
            assert isinstance(person, Person)  # noqa: S101  (login_required came before)
            if capability:
                require(person, capability)
            return view(request, person, *args, **kwargs)

        return inner

    return wrap
