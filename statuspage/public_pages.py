"""What Muster itself shows to customers: answers to forms of the static page, in that page's look and language.

No session, no cookie. They stand on Muster's own address, so style and script come from there too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from statuspage.addresses import public_address
from statuspage.models import StatusPage
from statuspage.private.keys import need_key
from statuspage.public_forms import TooOften
from statuspage.site.addresses import Addresses
from statuspage.site.assets import LOGO_ENDINGS, Assets, brand
from statuspage.site.html import Pages
from statuspage.site.snapshot import PageSnapshot, languages_of
from statuspage.site.stamp import Stamp
from web.errors import NotFound, Refusal

LANGUAGE_FIELD: Final = "language"


def shell(page: StatusPage, *, now: datetime, folder: str = "") -> PageSnapshot:
    """Return a page without its content: what the frame around another text needs. No query."""
    return PageSnapshot(
        id=page.id,
        name=page.name,
        folder=folder,
        audience=page.audience,
        headline=page.headline,
        url=page.url,
        support_url=page.support_url,
        languages=languages_of(page),
        time_zone=page.time_zone,
        accent=page.accent,
        accent_dark=page.accent_dark,
        logo=bytes(page.logo) if page.logo else None,
        logo_type=page.logo_type,
        headline_uptime=page.headline_uptime,
        takes_subscribers=page.takes_subscribers,
        takes_feedback=page.takes_feedback,
        updated_at=page.updated_at,
        now=now,
        indicator="none",
        description="",
        groups=(),
        all_components=(),
        incidents=(),
        maintenances=(),
        metrics=(),
        servers=(),
    )


def open_page(page_id: str) -> StatusPage:
    """Return a page that customers may use the forms of; raise `NotFound`."""
    page = StatusPage.objects.filter(pk=page_id, archived_at=None).first()
    if page is None:
        raise NotFound(_("There is no such page."))
    return page


def language_for(request: HttpRequest, page: StatusPage) -> str:
    """Return the language to answer in: the form's, else the browser's first that the page speaks, else its own."""
    offered = languages_of(page)
    given = request.POST.get(LANGUAGE_FIELD) or request.GET.get(LANGUAGE_FIELD, "")
    if given in offered:
        return given
    for wish in request.headers.get("Accept-Language", "").split(",")[:10]:
        code = wish.partition(";")[0].strip().lower().partition("-")[0]
        if code in offered:
            return code
    return offered[0]


def answer(
    request: HttpRequest,
    page: StatusPage,
    template: str,
    *,
    now: datetime,
    status: int = 200,
    language: str = "",
    **shown: Any,
) -> HttpResponse:
    """Return a template that extends `statuspage/site/answer.html`, filled with `shown`, never kept by a browser.

    `home` is where the page itself is read; `language` is the reader's where it is known. Nothing in it depends on who
    is signed in.
    """
    home = public_address(page)
    addresses = Addresses(page=home, forms=f"{settings.PUBLIC_URL.rstrip('/')}/status-pages/{page.pk}")
    pages = Pages(
        shell(page, now=now),
        language if language in languages_of(page) else language_for(request, page),
        addresses=addresses,
        assets=page_assets(page),
        stamp=Stamp(generated_at=now, generation=0),
    )
    with pages.speaking():
        # Style and script have addresses of their own here, whatever the language.
        body = pages.render(template, "", live=True, private=True, home=home, to_page="", **shown)
    headers = {"X-Robots-Tag": "noindex", "Content-Language": pages.language}
    response = HttpResponse(body, status=status, headers=headers)
    add_never_cache_headers(response)
    return response


def brand_css(request: HttpRequest, page_id: str) -> HttpResponse:  # noqa: ARG001  (a view's shape)
    """Return the page's own colours as a stylesheet."""
    page = open_page(page_id)
    return _kept(brand(page.accent, page.accent_dark), "text/css; charset=utf-8")


def logo(request: HttpRequest, page_id: str) -> HttpResponse:  # noqa: ARG001
    """Return the page's logo."""
    page = open_page(page_id)
    if not page.logo or page.logo_type not in LOGO_ENDINGS:
        raise NotFound("This page has no logo.")
    return _kept(bytes(page.logo), page.logo_type)


def _kept(body: bytes, content_type: str) -> HttpResponse:
    # The address carries a digest of what it shows, so it may be kept.
    headers = {"Cache-Control": "public, max-age=86400", "X-Robots-Tag": "noindex"}
    return HttpResponse(body, content_type=content_type, headers=headers)


def page_assets(page: StatusPage) -> Assets:
    """Return where Muster itself serves a page's style, colours, script and logo."""
    return Assets(
        style=static("statuspage/site/site.css"),
        brand=_address("public_brand", page, brand(page.accent, page.accent_dark)),
        script=static("statuspage/site/site.js"),
        logo=_address("public_logo", page, bytes(page.logo)) if page.logo else "",
    )


def _address(name: str, page: StatusPage, body: bytes) -> str:
    return f"{reverse(name, args=[page.pk])}?{hashlib.sha256(body).hexdigest()[:12]}"


P = ParamSpec("P")
PublicView = Callable[Concatenate[HttpRequest, StatusPage, P], HttpResponse]


def public_view(*methods: str, door: bool = False) -> Callable[[PublicView[P]], Callable[..., HttpResponse]]:
    """Let anybody in: hand the view the page that the address names, in the reader's language; say refusals on a page.

    A page with a password lets in who gave it; a `door` is where it is given, and asks by itself.
    No CSRF cookie: nothing here acts for somebody signed in (`public_forms` says what guards the forms instead).
    """

    def wrap(view: PublicView[P]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_http_methods(list(methods))
        @wraps(view)
        def inner(request: HttpRequest, page_id: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            page = open_page(page_id)
            with translation.override(language_for(request, page)):
                try:
                    if not door:
                        need_key(request, page)
                    return view(request, page, *args, **kwargs)
                except Refusal as refusal:
                    return refused(request, page, refusal)

        return inner

    return wrap


def refused(request: HttpRequest, page: StatusPage, refusal: Refusal, *, language: str = "") -> HttpResponse:
    """Say why a form was refused, on a page of its own."""
    response = answer(
        request,
        page,
        "statuspage/site/refused.html",
        now=clock.now(),
        status=refusal.status,
        language=language,
        sentence=refusal.sentence,
    )
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.retry_after_s)
    return response
