"""`/status-pages/subscribers/`: who hears of a page, in from a file, out to one, and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine import clock
from ledger.operations.append import append
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import ADMINISTER, DRAFT_UPDATE, may
from statuspage.doors import access_page
from statuspage.models import StatusPage, Subscriber
from statuspage.subscribers.adding import add_subscriber
from statuspage.subscribers.csv_files import export_subscribers, import_subscribers
from statuspage.subscribers.csv_rows import COLUMNS, MOST_BYTES, UnfitFile
from statuspage.subscribers.erasing import erase
from statuspage.subscribers.listing import counts_by_state, subscribers_listed
from statuspage.subscribers.subscriptions import end, reactivate
from statuspage.subscribers.wishes import read_wishes
from web.errors import BadInput, Refusal

PER_PAGE: Final = 50


@require_safe
@signed_in(DRAFT_UPDATE)
def status_subscribers(request: HttpRequest, person: Person) -> HttpResponse:
    """List subscribers, the newest first."""
    asked = {name: request.GET.get(name, "").strip()[:200].replace("\0", "") for name in ("q", "page", "state")}
    channel = request.GET.get("channel", "")
    found = subscribers_listed(page_id=asked["page"], words=asked["q"], state=asked["state"], channel=channel)
    number = _number(request.GET.get("part", ""))
    rows = list(found[number * PER_PAGE : (number + 1) * PER_PAGE + 1])
    counts = counts_by_state(asked["page"])
    context = {
        "rows": rows[:PER_PAGE],
        "words": asked["q"],
        "page_id": asked["page"],
        "pages": list(StatusPage.objects.filter(archived_at=None).defer("logo")),
        "filters": _filters(asked, counts),
        "newer": _part(asked, number - 1) if number else "",
        "older": _part(asked, number + 1) if len(rows) > PER_PAGE else "",
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "statuspage/subscribers/staff/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(ADMINISTER)
def status_subscribers_import(request: HttpRequest, person: Person) -> HttpResponse:
    """Take a file of subscribers; every wrong line is named, and then nothing was changed."""
    faults: list[tuple[int, str]] = []
    if request.method == "POST":
        page = _chosen_page(request)
        try:
            content = _uploaded(request)
            with transaction.atomic():
                by = actor_for(person, via="web")
                done = import_subscribers(page=page, content=content, by=by, now=clock.now())
        except UnfitFile as refusal:
            faults = refusal.faults
        else:
            counts = {"added": done.added, "changed": done.changed, "left": done.left}
            sentence = _("%(added)d added, %(changed)d changed, %(left)d had ended it themselves and stay away.")
            messages.success(request, sentence % counts)
            return HttpResponseRedirect(reverse("status_subscribers"))
    context = {
        "faults": faults,
        "columns": list(COLUMNS.items()),
        "pages": list(StatusPage.objects.filter(archived_at=None).defer("logo")),
        "page_id": request.POST.get("page", ""),
    }
    return render(request, "statuspage/subscribers/staff/import.html", context, status=422 if faults else 200)


def _chosen_page(request: HttpRequest) -> StatusPage:
    given = request.POST.get("page", "")
    if not given:
        sentence = _("Choose the page.")
        raise BadInput(sentence, errors={"page": sentence})
    return access_page(given)


def _uploaded(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise UnfitFile([(1, _("Choose a file that is not empty."))])
    if file.size > MOST_BYTES:
        raise UnfitFile([(1, _("The file is larger than 20 MB. Divide it."))])
    content: bytes = file.read()
    return content


@require_POST
@signed_in(ADMINISTER)
def status_subscriber_add(request: HttpRequest, person: Person) -> HttpResponse:
    """Add one subscriber; they are asked to confirm."""
    page = _chosen_page(request)
    add_subscriber(
        page=page,
        channel=request.POST.get("channel", Subscriber.Channel.EMAIL),
        address=request.POST.get("address", "")[:600],
        contact=request.POST.get("contact", "")[:254],
        wishes=read_wishes(page, language=page.language),
        by=actor_for(person, via="web"),
        now=clock.now(),
    )
    messages.success(request, _("They are asked to confirm now."))
    return _back()


@require_POST
@signed_in(ADMINISTER)
def status_subscribers_export(request: HttpRequest, person: Person) -> HttpResponse:
    """Hand out all subscribers of a page; that they left is in the ledger."""
    page, now = _chosen_page(request), clock.now()
    with transaction.atomic():
        append(subject=page.subject, verb="subscribers.exported", by=actor_for(person, via="web"), now=now)
    lines: Iterator[bytes] = export_subscribers(page)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="subscribers-{now:%Y-%m-%d}.csv"'
    return cast(HttpResponse, response)  # the doors speak of answers of any kind


@require_POST
@signed_in(ADMINISTER)
def status_subscriber_end(request: HttpRequest, person: Person, subscriber_id: UUID) -> HttpResponse:
    """Send nothing more to a subscriber."""
    with transaction.atomic():
        end(subscriber_id=subscriber_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Nothing more is sent there."))
    return _back()


@require_POST
@signed_in(ADMINISTER)
def status_subscriber_reactivate(request: HttpRequest, person: Person, subscriber_id: UUID) -> HttpResponse:
    """Send to a quarantined subscriber again."""
    with transaction.atomic():
        reactivate(subscriber_id=subscriber_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Updates go there again."))
    return _back()


@require_POST
@signed_in(ADMINISTER)
def status_subscribers_erase(request: HttpRequest, person: Person) -> HttpResponse:
    """Forget an address on every page."""
    address = request.POST.get("address", "").strip()[:600].replace("\0", "")
    if not address:
        sentence = _("Give the address that is to be forgotten.")
        raise BadInput(sentence, errors={"address": sentence})
    with transaction.atomic():
        count = erase(address=address, by=actor_for(person, via="web"), now=clock.now())
    if not count:
        raise Refusal(_("Nothing is kept about this address."), status=404)
    messages.success(request, _("Everything about this address is deleted."))
    return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("status_subscribers"))


def _number(text: str) -> int:
    return min(int(text), 100_000) if text.isascii() and text.isdigit() else 0


def _part(asked: dict[str, str], number: int) -> str:
    wanted = {name: value for name, value in {**asked, "part": str(number or "")}.items() if value}
    return f"{reverse('status_subscribers')}?{urlencode(wanted)}"


def _filters(asked: dict[str, str], counts: dict[str, int]) -> list[dict[str, Any]]:
    states = [("", _("All"), sum(counts.values()))]
    states += [(state.value, str(state.label), counts.get(state.value, 0)) for state in Subscriber.State]
    return [
        {
            "label": f"{label} ({count:,})",
            "url": _part({**asked, "state": state}, 0),
            "current": state == asked["state"],
        }
        for state, label, count in states
    ]
