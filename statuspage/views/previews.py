"""What an update will look like on the page and in a mailbox, in frames that nothing can reach out of."""

from __future__ import annotations

from typing import Final

from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from engine import clock
from people.doors import signed_in
from people.models import Person
from people.permissions import READ
from statuspage.doors import access_update
from statuspage.models import StatusPage
from statuspage.page_preview import page_with
from statuspage.subscribers.preview import preview_mail

FRAMED: Final = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'", "data:"],  # mail programs read no other styles; the page's come within it
    "img-src": ["'self'", "data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": [""],
}
"""No script, no form, no request beyond pictures of ours: what is shown here was written for somewhere else."""


def language_of(request: HttpRequest, page: StatusPage) -> str:
    """Return the language that the reader asked for, the page's own where it is not offered in that one."""
    wanted = request.GET.get("language", "")
    return wanted if wanted in (page.language, *page.languages) else page.language


@require_safe
@xframe_options_sameorigin
@csp(FRAMED)
@signed_in(READ)
def status_update_mail(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Show the mail about an update as a subscriber gets it."""
    update = access_update(person, update_id)
    _subject, _text, html = preview_mail(update, language_of(request, update.public_incident.page))
    return HttpResponse(html)


@require_safe
@xframe_options_sameorigin
@csp(FRAMED)
@signed_in(READ)
def status_update_page(request: HttpRequest, person: Person, update_id: str) -> HttpResponse:
    """Show the front page as it will be once the update is published."""
    update = access_update(person, update_id)
    language = language_of(request, update.public_incident.page)
    return HttpResponse(page_with(update, language=language, now=clock.now()))
