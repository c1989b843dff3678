"""Light, dark, or as the system wishes: a reader's choice, kept in a cookie so that the first paint is right."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE: Final = "theme"
CHOICES: Final = ("light", "dark")
_YEAR_S: Final = 365 * 24 * 3_600


def chosen(request: HttpRequest | None) -> str:
    """Return "light", "dark", or "" when the reader leaves it to the system."""
    choice = request.COOKIES.get(COOKIE, "") if request is not None else ""
    return choice if choice in CHOICES else ""


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the posted `theme` for a year; anything but "light" and "dark" forgets the choice. Goes back to `next`."""
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    choice = request.POST.get("theme", "")
    if choice in CHOICES:
        response.set_cookie(
            COOKIE, choice, max_age=_YEAR_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
