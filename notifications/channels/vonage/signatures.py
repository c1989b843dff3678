"""Whether a request is Vonage's: nothing else counts, neither where it comes from nor what it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from engine import clock
from notifications.operations.count_refused_callback import count_refused_callback

View = Callable[..., HttpResponse]
LONGEST_BODY: Final = 64 * 1024
FRESH_S: Final = 300.0
"""How old or new a signed token may be: a copied one is of no use later."""
TOLD_WITHIN_S: Final = 36 * 3600.0
"""Vonage tells a text again for a day until it is answered; our receipts of what came are kept for two."""


def from_voice(view: View) -> View:
    """Let through to `view` only what carries a token of ours over its body; hands it the JSON it says."""
    return _guarded(view, voice_event)


def from_texts(view: View) -> View:
    """Let through to `view` only parameters signed by the account's signature secret; hands it those."""
    return _guarded(view, text_parameters)


def voice_event(request: HttpRequest) -> dict[str, Any] | None:
    """Return the JSON body if `Authorization` bears Vonage's token (HS256, signature secret) over its SHA-256.

    The token names our account too, and has to be fresh. None for anything else.
    """
    import jwt

    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not settings.VONAGE_SIGNATURE_SECRET or len(request.body) > LONGEST_BODY:
        return None
    try:
        claims = jwt.decode(
            token,
            settings.VONAGE_SIGNATURE_SECRET,
            algorithms=["HS256"],
            options={"require": ["iat", "payload_hash"], "verify_iat": False},
        )
        content = json.loads(request.body)
        fresh = abs(clock.now().timestamp() - float(claims["iat"])) <= FRESH_S
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return None
    digest = hashlib.sha256(request.body).hexdigest()
    ours = claims.get("api_key") == settings.VONAGE_API_KEY
    genuine = fresh and ours and constant_time_compare(str(claims["payload_hash"]), digest)
    return content if genuine and isinstance(content, dict) else None


def text_parameters(request: HttpRequest) -> dict[str, Any] | None:
    """Return the parameters (a form or JSON) if their `sig` is right by the account's secret and method."""
    from vonage_http_client import Auth

    if not settings.VONAGE_SIGNATURE_SECRET or not settings.VONAGE_API_KEY or len(request.body) > LONGEST_BODY:
        return None
    given: Mapping[str, Any] = request.POST.dict()
    if request.content_type == "application/json":
        try:
            given = json.loads(request.body)
        except (ValueError, RecursionError):
            return None
    if not isinstance(given, dict) or not given.get("sig") or not given.get("timestamp"):
        return None
    auth = Auth(
        api_key=settings.VONAGE_API_KEY,
        signature_secret=settings.VONAGE_SIGNATURE_SECRET,
        signature_method=settings.VONAGE_SIGNATURE_METHOD,
    )
    params = {name: value for name, value in given.items() if isinstance(value, str | int | float)}
    try:
        return params if auth.check_signature(dict(params)) and not _is_stale(params) else None
    except (AttributeError, TypeError, ValueError):  # a signature that is no text, or text that nobody can have signed
        return None


def _is_stale(params: Mapping[str, Any]) -> bool:
    """Tell whether a text is so old that its receipt here is gone: what is told again then is somebody's recording."""
    told = str(params["timestamp"])
    known = told.isascii() and told.isdigit() and len(told) < 12
    return known and abs(clock.now().timestamp() - int(told)) > TOLD_WITHIN_S


def _guarded(view: View, read: Callable[[HttpRequest], dict[str, Any] | None]) -> View:
    @csrf_exempt  # there is no cookie and no session: the signature is the permission
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        content = read(request)
        if content is None:
            count_refused_callback(provider="vonage", now=clock.now())
            return HttpResponse("The signature is not Vonage's.", status=403, content_type="text/plain")
        return view(request, content, *args, **kwargs)

    return guarded
