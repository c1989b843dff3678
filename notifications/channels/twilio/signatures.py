"""Whether a request is Twilio's: nothing else counts, neither where it comes from nor what it says."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import (
    HMAC_SHA1,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from engine import clock
from notifications.operations.count_refused_callback import count_refused_callback

View = Callable[..., HttpResponse]
LONGEST_BODY: Final = 64 * 1024


def from_twilio(view: View) -> View:
    """Let only signed POSTs through to `view`; others get 403, change nothing and are counted.

    The signature covers the address that Twilio called, which is the configured public one: what a proxy made of it
    does not count. No CSRF check: there is no cookie and no session, the signature is the permission.
    """

    @csrf_exempt
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not is_genuine(request):
            count_refused_callback(provider="twilio", now=clock.now())
            return HttpResponse("The signature is not Twilio's.", status=403, content_type="text/plain")
        return view(request, *args, **kwargs)

    return guarded


def is_genuine(request: HttpRequest) -> bool:
    """Tell whether the request carries Twilio's signature: base64 of an HMAC over address and parameters.

    By the account's token with SHA-1, or, where a header of settings says so, with SHA-256 by the shared key that it
    names. A JSON body is signed by its SHA-256 in the address (`bodySHA256`); without that it is not covered at all.
    """
    given = request.headers.get(SIGNATURE_HEADER, "")
    if not given or len(request.body) > LONGEST_BODY:
        return False
    params: object = request.POST
    if request.content_type == "application/json":
        if not any(request.GET.getlist("bodySHA256")):  # the library takes an empty one for none
            return False
        params = request.body.decode("utf-8", "replace")
    url = settings.PUBLIC_URL + request.get_full_path()
    told = request.headers.get(SIGNATURE_SETTINGS_HEADER, "")
    algorithm = get_signature_algorithm(told).upper()
    secrets = _tokens() if algorithm == HMAC_SHA1 else _shared_keys(_key_named(told))
    return any(RequestValidator(secret).validate(url, params, given, algorithm) for secret in secrets)


def _tokens() -> list[str]:
    """Return the account's token, and during a rotation the one before it: callbacks of calls that were placed with it
    are still on their way."""
    return [token for token in (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD) if token]


def _shared_keys(name: str) -> list[str]:
    return [secret for known, secret in settings.TWILIO_WEBHOOK_KEYS.items() if known == name]


def _key_named(told: str) -> str:
    parts = (part.partition("=") for part in told.split(","))
    return next((value.strip() for name, _, value in parts if name.strip() == "key"), "")
