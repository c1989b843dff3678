"""What tools and providers send goes straight to its view, past all that is there for people in browsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from web.answers import refusal_page
from web.errors import BadInput, Refusal
from web.middleware import bind_named

PATHS: Final = ("/v2/", "/integrations/", "/twilio/", "/slack/", "/ping/")
"""Beginnings of the addresses for machines. Each of them has its own key or signature, and none of them a session."""


class MachineDoor:
    """Call the view of an address for machines at once.

    Fifteen middlewares for sessions, languages, messages, frames and policies cost a third of such a request, and a
    storm is thousands of them. What comes before in settings.MIDDLEWARE still happens: proxies, the log line, HTTPS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        request.resolver_match = match
        bind_named(match.kwargs)
        view: Callable[..., HttpResponse] = match.func
        try:
            return view(request, *match.args, **match.kwargs)
        except DataError as error:
            if "NUL" not in str(error):
                raise
            return refusal_page(request, BadInput(_("Leave the NUL character out; nothing can store it.")))
        except Refusal as refusal:
            return refusal_page(request, refusal)
