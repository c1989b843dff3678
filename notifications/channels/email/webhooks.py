"""What mail providers post: their later words about a mail, and mail that came for us. Checked by django-anymail."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from notifications.channels.email.inbound import take_mail
from notifications.channels.email.received import event_from, mail_from
from notifications.channels.email.returned import returned
from notifications.channels.email.tracking import record_mail_event
from notifications.operations.count_refused_callback import count_refused_callback

Way = Literal["tracking", "inbound"]
NOT_UNDERSTOOD: Final = (LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)
"""What the library's readers raise at a body that is not as the provider's documentation says."""
WANTS_TO_BE_ASKED: Final = "amazon_ses"
"""Amazon SNS sends the password of its address only to who has asked for one, at each message."""
log = structlog.get_logger(__name__)


class Refused(Exception):
    """The request is not the provider's, or nobody could tell."""


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def tracking(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's words about mail it has sent for us."""

    def record(event: Any) -> None:
        found = event_from(event, provider=provider)
        if found is not None:
            record_mail_event(found, now=clock.now())

    return _taken(request, provider, "tracking", record)


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def inbound(request: HttpRequest, provider: str) -> HttpResponse:
    """Take mail that a provider received for us: somebody's answer, or one of ours that came back."""

    def take(event: Any) -> None:
        if getattr(event, "message", None) is None:  # of a provider that posts both kinds to one address
            return
        mail = mail_from(event, provider=provider)
        came_back = returned(event.message, mail, now=clock.now())
        if came_back is not None:
            record_mail_event(came_back, now=clock.now())
        else:
            take_mail(mail, now=clock.now())

    return _taken(request, provider, "inbound", take)


def _taken(request: HttpRequest, provider: str, way: Way, each: Callable[[Any], None]) -> HttpResponse:
    if provider not in settings.EMAIL_PROVIDER:
        return HttpResponse("No such provider is set up here.", status=404, content_type="text/plain")
    if request.method == "HEAD":  # some providers look whether the address answers before they save it
        return HttpResponse()
    try:
        events = _events(request, provider, way)
    except Refused:
        if provider == WANTS_TO_BE_ASKED and not request.headers.get("Authorization"):
            return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="Muster"'})
        count_refused_callback(provider=provider, now=clock.now())
        return HttpResponse("The signature is not the provider's.", status=403, content_type="text/plain")
    except NOT_UNDERSTOOD as error:
        log.warning("mail_webhook_not_understood", provider=provider, way=way, error=type(error).__name__)
        return HttpResponse("This is not understood.", status=400, content_type="text/plain")
    for event in events:
        each(event)
    return HttpResponse(status=204)


def _events(request: HttpRequest, provider: str, way: Way) -> Sequence[Any]:
    """Return what the request says, once the library has checked that it is the provider's.

    Some providers sign; for the others EMAIL_WEBHOOK_SECRET is the only proof, and without it nothing is taken: the
    library would warn and go on.
    """
    from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailInsecureWebhookWarning
    from anymail.exceptions import AnymailWebhookValidationFailure as ValidationFailure

    warnings.simplefilter("ignore", AnymailInsecureWebhookWarning)
    try:
        view = _view(provider, way)()
        if view.warn_if_no_basic_auth and not view.basic_auth:
            raise Refused
        if getattr(view, "webhook_url", "") is None:
            view.webhook_url = _as_it_was_called(request)
        view.setup(request)
        view.run_validators(request)
        return list(view.parse_events(request))
    except (ValidationFailure, AnymailConfigurationError) as error:
        log.warning("mail_webhook_refused", provider=provider, way=way, error=type(error).__name__)
        raise Refused from error
    except AnymailError as error:
        raise ValueError(str(error)) from error


def _as_it_was_called(request: HttpRequest) -> str:
    """Return the address that the provider called, for those who sign it: a proxy before us shows us another one."""
    from anymail.utils import get_request_basic_auth

    public = urlsplit(settings.PUBLIC_URL)
    known = get_request_basic_auth(request)
    host = f"{known}@{public.netloc}" if known else public.netloc
    return f"{public.scheme}://{host}{request.get_full_path()}"


def _view(provider: str, way: Way) -> Any:
    """Return the library's view for this provider and direction; raise `LookupError` where it has none."""
    try:
        module = import_module(f"anymail.webhooks.{provider}")
    except ModuleNotFoundError as error:
        raise LookupError(f"{provider} tells nothing at all.") from error
    names = (f"{way}WebhookView".lower(), "combinedwebhookview")
    for name, value in vars(module).items():
        if isinstance(value, type) and value.__module__ == module.__name__ and name.lower().endswith(names):
            return value
    raise LookupError(f"{provider} tells nothing of this kind.")
