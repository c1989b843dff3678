"""Whether a request is Twilio's: nothing else counts, neither where it comes from nor what it says."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator, get_signature_algorithm

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
    """Tell whether the request carries Twilio's signature (base64 of HMAC-SHA-1 over address and parameters).

    A JSON body is signed by its SHA-256 in the address (`bodySHA256`); without that it is not covered at all.
    """
    given = request.headers.get("X-Twilio-Signature", "")
    if not settings.TWILIO_AUTH_TOKEN or not given or len(request.body) > LONGEST_BODY:
        return False
    params: object = request.POST
    if request.content_type == "application/json":
        if "bodySHA256" not in request.GET:
            return False
        params = request.body.decode("utf-8", "replace")
    url = settings.PUBLIC_URL + request.get_full_path()
    algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER, ""))
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(url, params, given, algorithm))
