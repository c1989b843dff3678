"""The page behind the link of a message: it works without signing in."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from notifications import answers, page_links
from notifications.inbound import Asked, PageVerb, answer, asked_by_delivery
from notifications.models import Page, Responder
from web.errors import BadInput

VERBS: Final[dict[str, PageVerb]] = {"acknowledge": "acknowledge", "escalate": "escalate", "decline": "decline"}


# The signed link is the permission, and no cookie acts here: a CSRF token would only turn away people whose phone opens
# links in a browser without cookies.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a page to whom it was sent, with one big button; only POST changes anything, because scanners follow links.

    Refuses a wrong token (404) and one whose time is over (410) with a page that says what to do.
    """
    now = clock.now()
    asked = asked_by_delivery(page_links.read("page", token, now=now), now=now)
    with translation.override(asked.person.language):
        if request.method != "POST":
            return _shown(request, asked, sentence="")
        verb = VERBS.get(request.POST.get("verb", ""))
        if verb is None:
            raise BadInput(_("Press one of the buttons on the page."))
        key = f"{token}:{verb}:{request.POST.get('once', '')}"
        sentence = answer(asked, verb=verb, via="link", provider="link", key=key, now=now)
        return _shown(request, asked_by_delivery(asked.delivery_id, now=now), sentence=sentence)


def _shown(request: HttpRequest, asked: Asked, *, sentence: str) -> HttpResponse:
    page, person = asked.page, asked.person
    responder = Responder.objects.filter(page=page, person=person).first()
    has_it = responder is not None and responder.state == Responder.State.ACKNOWLEDGED and not responder.on_behalf_by
    if page.state == Page.State.CANCELLED:
        standing = answers.over(person, page=page)
    else:
        standing = answers.held_by(person, holder=page.acknowledged_by, since=page.acknowledged_at)
    context = {
        "bare": True,
        "page": page,
        "person": person,
        "words": asked.message,
        "severity": f"SEV{page.severity}",
        "sentence": sentence,
        "standing": standing if not sentence else "",
        "has_it": has_it,
        "answerable": page.state != Page.State.CANCELLED,
        # One visit of the page escalates at most once, however often its form is sent.
        "once": int(clock.now().timestamp() * 1000),
    }
    return render(request, "notifications/page_link.html", context)
