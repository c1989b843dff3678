"""The reset page's look: that of the public status page, in five languages, with no cookie and kept by nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from statuspage.addresses import public_address
from statuspage.models import StatusPage
from statuspage.public_forms import TooOften
from statuspage.public_pages import page_assets, shell
from statuspage.rules.languages import LANGUAGES
from statuspage.site.addresses import Addresses
from statuspage.site.assets import Assets
from statuspage.site.html import LanguageLink, Pages
from statuspage.site.stamp import Stamp
from statuspage.subscribers.mail_form import mail_domain, sender
from web.errors import Refusal

NO_PAGE: Final = "reset"
"""Stands for a status page where there is none."""


def look() -> StatusPage:
    """Return the status page whose looks are used: the public one at the root, or one that nobody made."""
    page = StatusPage.objects.filter(slug="", audience=StatusPage.Audience.PUBLIC, archived_at=None).first()
    if page is not None:
        return page
    now = clock.now()
    return StatusPage(id=NO_PAGE, name=sender().display_name or mail_domain(), created_at=now, updated_at=now)


def language_of(request: HttpRequest, page: StatusPage) -> str:
    """Return the language to answer in: the address's or form's, else the browser's first that we speak."""
    given = request.POST.get("lang") or request.GET.get("lang", "")
    if given in LANGUAGES:
        return given
    for wish in request.headers.get("Accept-Language", "").split(",")[:10]:
        code = wish.partition(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return page.language if page.language in LANGUAGES else "en"


def show(
    request: HttpRequest, page: StatusPage, template: str, *, now: datetime, status: int = 200, **shown: Any
) -> HttpResponse:
    """Return a template that extends `statuspage/site/answer.html`."""
    made = page.pk != NO_PAGE
    language = language_of(request, page)
    pages = Pages(
        shell(page, now=now),
        language,
        addresses=Addresses(page=_home(page), forms=f"{settings.PUBLIC_URL.rstrip('/')}/reset"),
        assets=page_assets(page) if made else _plain_assets(),
        stamp=Stamp(generated_at=now, generation=0),
    )
    links = [LanguageLink(code, name, f"?lang={code}") for code, name in LANGUAGES.items()]
    with pages.speaking():
        # Style and script have addresses of their own here, whatever the language.
        frame = {"home": _home(page), "languages": links, "no_home": not made, "to_page": ""}
        body = pages.render(template, "", live=True, private=True, **frame, **shown)
    response = HttpResponse(body, status=status, headers={"X-Robots-Tag": "noindex", "Content-Language": language})
    add_never_cache_headers(response)
    # An address may hold a code.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _home(page: StatusPage) -> str:
    return "/reset/" if page.pk == NO_PAGE else public_address(page)


def _plain_assets() -> Assets:
    style = static("statuspage/site/site.css")
    return Assets(style=style, brand=style, script=static("statuspage/site/site.js"), logo="")


PublicView = Callable[[HttpRequest, StatusPage], HttpResponse]


def reset_view(*methods: str) -> Callable[[PublicView], Callable[[HttpRequest], HttpResponse]]:
    """Let anybody in, in their language; say refusals on a page of their own.

    No CSRF cookie: no cookie acts here, forms carry a signed token of their own, and what changes anything needs a code
    that only its owner was sent.
    """

    def wrap(view: PublicView) -> Callable[[HttpRequest], HttpResponse]:
        @csrf_exempt
        @require_http_methods(list(methods))
        @wraps(view)
        def inner(request: HttpRequest) -> HttpResponse:
            page = look()
            with translation.override(language_of(request, page)):
                try:
                    return view(request, page)
                except Refusal as refusal:
                    return _refused(request, page, refusal)

        return inner

    return wrap


def _refused(request: HttpRequest, page: StatusPage, refusal: Refusal) -> HttpResponse:
    response = show(
        request,
        page,
        "resets/self_set/refused.html",
        now=clock.now(),
        status=refusal.status,
        sentence=refusal.sentence,
    )
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.retry_after_s)
    return response
