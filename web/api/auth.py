"""Who calls the API: a bearer token (looked up by its SHA-256), or a signed-in person reading from our own pages."""

from __future__ import annotations

from typing import Final

import structlog
from django.http import HttpRequest
from ninja.security import HttpBearer

from web.callers import Caller, caller_of_token

_UNASKED: Final = object()


def _by_token(request: HttpRequest) -> Caller | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return caller_of_token(token.strip())


def _by_session(request: HttpRequest) -> Caller | None:
    """Reading only, and only from our own pages: so there is nothing that another site could forge."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return None
    user = getattr(request, "user", None)
    return Caller(person=user) if user is not None and user.is_authenticated else None


def identify(request: HttpRequest) -> Caller | None:
    """Return who calls, or None. A request that carries an Authorization header is never taken for a session."""
    known = getattr(request, "_muster_caller", _UNASKED)
    if known is _UNASKED:
        known = _by_token(request) if "Authorization" in request.headers else _by_session(request)
        request._muster_caller = known  # type: ignore[attr-defined]
        if known is not None:
            request.user = known.person
            structlog.contextvars.bind_contextvars(person=str(known.person.pk))
    return known  # type: ignore[return-value]


def caller_of(request: HttpRequest) -> Caller:
    """Return the caller of an authenticated call."""
    caller = identify(request)
    assert caller is not None, "only behind the API's authentication"  # noqa: S101
    return caller


class Bearer(HttpBearer):
    """The API's authentication; in OpenAPI a bearer token."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Return the caller, or None, which is answered 401."""
        return identify(request)

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:  # noqa: ARG002
        """Look a token up (the base class asks for this method)."""
        return caller_of_token(token)
