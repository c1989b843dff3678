"""What surrounds every request: whom it really comes from, its log line, its refusals."""

from __future__ import annotations

import ipaddress
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import DisallowedHost
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from web.answers import refusal_page
from web.errors import BadInput, Refusal

Answer = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger(__name__)


NAMED: Final = {"incident_id": "incident", "number": "incident", "page_id": "page", "delivery_id": "delivery"}
"""What an address names, by the name of its part; every line of the request carries it."""


def bind_named(named: Mapping[str, Any]) -> None:
    """Bind what an address names to every line of this request's log."""
    ids = {NAMED[name]: str(value)[:64] for name, value in named.items() if name in NAMED}
    structlog.contextvars.bind_contextvars(**ids)


class TrustedProxies:
    """Believe `X-Forwarded-For` and `X-Forwarded-Proto` from settings.TRUSTED_PROXIES, and from nobody else.

    Walks the list from the right and takes the first address that is no proxy of ours: whatever stands left of it
    was written by the client. REMOTE_ADDR is that address afterwards, for lock-outs, limits and logs alike.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_proxy(request.META.get("REMOTE_ADDR", "")):
            self._believe(request)
        else:
            for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP"):
                request.META.pop(name, None)
        return self.get_response(request)

    def _is_proxy(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in settings.TRUSTED_PROXIES)

    def _believe(self, request: HttpRequest) -> None:
        for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            try:
                address = str(ipaddress.ip_address(hop.strip()))
            except ValueError:
                break
            request.META["REMOTE_ADDR"] = address
            if not self._is_proxy(address):
                break
        scheme = request.META.get("HTTP_X_FORWARDED_PROTO", "").strip().lower()
        if scheme in ("http", "https"):
            request.META["wsgi.url_scheme"] = scheme


class RequestLog:
    """Give each request an id (kept from `X-Request-ID` when it looks like one) and write one line about it."""

    ID: Final = re.compile(r"[\w.-]{8,64}", re.ASCII)
    QUIET: Final = ("/static/", "/healthz", "/readyz", "/metrics")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if self.ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        begin = time.perf_counter()
        try:
            response = self.get_response(request)
            self._write(request, response.status_code, (time.perf_counter() - begin) * 1000)
        finally:
            structlog.contextvars.clear_contextvars()
        response["X-Request-ID"] = request_id
        return response

    def process_view(
        self, _request: HttpRequest, _view: Callable[..., HttpResponse], _args: list[Any], named: dict[str, Any]
    ) -> None:
        """Bind what the address names."""
        bind_named(named)

    def _write(self, request: HttpRequest, status: int, milliseconds: float) -> None:
        # The path only: a query may carry a ticket, and the log's redaction takes keys out of paths.
        quiet = status < 400 and request.path_info.startswith(self.QUIET)
        write = log.debug if quiet else log.info
        write("request", method=request.method, path=request.path_info, status=status, ms=round(milliseconds, 1))


class PermissionsPolicy:
    """Tell browsers which of their abilities these pages never use."""

    VALUE: Final = (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    )

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", self.VALUE)
        return response


class Refusals:
    """A refused move of a page: the sentence as a message where the person came from, or as a page of its own.

    The API has its own answers (problem+json) and never lets a refusal come this far.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a `Refusal`; other exceptions are none of ours, but for a NUL character in what was sent."""
        if isinstance(exception, DataError) and "NUL" in str(exception):
            exception = BadInput(_("Leave the NUL character out; nothing can store it."))
        if not isinstance(exception, Refusal):
            return None
        back = came_from(request)
        if request.method == "POST" and back and exception.status != 403:
            messages.error(request, exception.sentence)
            return send_to(request, back)
        return refusal_page(request, exception)


def send_to(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect to `url`; a request by htmx is told to load the whole page, for its message and its new state."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def came_from(request: HttpRequest) -> str:
    """Return the page of ours that this request was sent from, or "" when there is none to go back to."""
    referrer = request.headers.get("Referer", "")
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    fine = url_has_allowed_host_and_scheme(referrer, allowed_hosts={host}, require_https=request.is_secure())
    return referrer if referrer and fine else ""
