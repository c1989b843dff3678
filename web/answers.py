"""Pages for what went wrong: each says what happened and what to do next."""

from __future__ import annotations

import sys

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, TemplateSyntaxError, loader
from django.utils.translation import gettext as _

from web.errors import Refusal

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 5


def _page(name: str, *, status: int, sentence: str, request: HttpRequest | None, title: str = "") -> HttpResponse:
    """Render the page of a status. Without `request` it touches neither the session nor the database."""
    context = {"sentence": sentence, "title": title, "status": status}
    try:
        body = loader.select_template([f"{name}.html", "refused.html"]).render(context, request)
    except (TemplateDoesNotExist, TemplateSyntaxError):
        log.exception("error_page_broken", page=name)
        return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    return HttpResponse(body, status=status)


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say on a page of its own why a move was refused; the status is the refusal's."""
    return _page("refused", status=refusal.status, sentence=refusal.sentence, request=request, title=refusal.title)


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer a request that can't be understood (Django's handler400)."""
    return _page("400", status=400, sentence=_("Your browser sent something we can't read."), request=None)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer someone who may not see this (Django's handler403)."""
    return _page("403", status=403, sentence=_("You may not see this page."), request=request)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer for a page that does not exist, or that this person may not know of (Django's handler404)."""
    return _page("404", status=404, sentence=_("There is no such page."), request=request)


def csrf_failure(_request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old: the page was open for too long, or cookies are off."""
    log.info("csrf_refused", reason=reason)
    sentence = _("This form is too old, or cookies are off. Go back, reload the page and send it again.")
    return _page("403", status=403, sentence=sentence, request=None)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer an error of ours (Django's handler500); 503 with `Retry-After` when the database is away."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        sentence = _("The database does not answer. Pages already sent go on; try again in a few seconds.")
        response = _page("503", status=503, sentence=sentence, request=None)
        response["Retry-After"] = str(RETRY_AFTER_S)
        return response
    return _page("500", status=500, sentence=_("Something broke on our side. It is in the log."), request=None)
