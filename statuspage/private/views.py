"""`/status-pages/<page>/private/…`: the password first, then the page's files."""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from engine import clock
from statuspage.models import StatusPage
from statuspage.private.files import current_tree
from statuspage.private.keys import give_key, holds_key, opens, take_key
from statuspage.public_forms import Limits, check_form
from statuspage.public_pages import answer, public_view
from statuspage.publishing.manifest import Entry
from statuspage.publishing.tree import Tree
from web.errors import NotFound

LIMITS: Final = Limits(per_key=600, per_place=15, overall=600, window_s=900)
"""A quarter of an hour's worth. An office shares its password and its address; who guesses gets 15 words."""
INDEX: Final = "index.html"
PLACE: Final = re.compile(r"[\w./-]{0,200}", re.ASCII)
ASSETS: Final = "assets/"


@public_view("GET", "HEAD", door=True)
def private_page(request: HttpRequest, page: StatusPage, path: str = "") -> HttpResponse:
    """Hand out a file to whoever gave the password; ask everybody else for it, whatever they asked for."""
    _must_be_private(page)
    if not holds_key(request, page):
        return _ask(request, page, to=path)
    tree = current_tree(page, now=clock.now())
    wanted = path + INDEX if not path or path.endswith("/") else path
    entry = tree.manifest().files.get(wanted)
    if entry is None:
        raise NotFound(_("There is no such page."))
    return _file(request, tree, wanted, entry)


@public_view("POST", door=True)
def private_enter(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Take the password; lead on to what was asked for."""
    _must_be_private(page)
    now, to = clock.now(), request.POST.get("to", "")
    visit = check_form(request, purpose="private", page=page, limits=LIMITS, now=now)
    if visit.robot or not opens(page, request.POST.get("password", "")):
        return _ask(request, page, to=to, wrong=True)
    # The place is put behind our own address, and the pattern leaves no way out of it.
    place = to if PLACE.fullmatch(to) and ".." not in to and not to.startswith("/") else ""
    response = HttpResponseRedirect(reverse("private_page", args=[page.pk]) + place)
    give_key(response, page)
    return response


@public_view("POST", door=True)
def private_leave(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Forget that the password was given."""
    _must_be_private(page)
    response = _ask(request, page, to="", status=200)
    take_key(response, page)
    return response


def _must_be_private(page: StatusPage) -> None:
    if page.audience != StatusPage.Audience.PASSWORD:
        raise NotFound(_("There is no such page."))


def _ask(request: HttpRequest, page: StatusPage, *, to: str, wrong: bool = False, status: int = 403) -> HttpResponse:
    template = "statuspage/site/password.html"
    return answer(request, page, template, now=clock.now(), status=status, to=to, wrong=wrong, asks=True)


def _file(request: HttpRequest, tree: Tree, path: str, entry: Entry) -> HttpResponse:
    etag = f'"{entry.digest[:32]}"'
    # A named asset never changes; the rest is asked for anew each time, and kept by nobody in between.
    age = "private, max-age=31536000, immutable" if ASSETS in path else "private, no-cache"
    headers = {"ETag": etag, "Cache-Control": age, "Vary": "Cookie", "X-Robots-Tag": "noindex"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers=headers)
    body = tree.object(entry.digest).read_bytes()
    return HttpResponse(body, content_type=entry.type, headers=headers)
