"""`/deliveries/`: every message, to whom, by what, and what became of it; each attempt in words."""

from __future__ import annotations

from typing import Final, cast
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from ledger.operations.append import append
from notifications.deliveries_search import search
from notifications.doors import visible_deliveries
from notifications.models import Attempt
from notifications.operations.carrier_health import SUBJECT
from notifications.registry import subjects
from notifications.settings_views.deliveries_file import lines
from notifications.settings_views.deliveries_filter import RESULTS, DeliveryFilter
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import AUDIT
from web.errors import NotFound

PER_PAGE: Final = 50


@require_safe
@signed_in(AUDIT)
def deliveries(request: HttpRequest, person: Person) -> HttpResponse:
    """List deliveries, newest first, from `before` downward, so that a page stays the same while more come."""
    form = DeliveryFilter(request.GET)
    before = request.GET.get("before", "")
    found = search(visible_deliveries(person).select_related("page"), form.search())
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PER_PAGE + 1])
    kept = {name: value for name, value in request.GET.items() if name in form.fields and value}
    older = f"?{urlencode({**kept, 'before': rows[PER_PAGE - 1].pk})}" if len(rows) > PER_PAGE else ""
    context = {
        "form": form,
        "rows": [
            (delivery, subjects.words_of(delivery.page) if delivery.page else None) for delivery in rows[:PER_PAGE]
        ],
        "older": older,
        "newer": f"?{urlencode(kept)}" if before else "",
        "asked": urlencode(kept),
        "page": kept.get("page", ""),
    }
    return render(request, "notifications/settings/deliveries.html", context)


@require_POST
@signed_in(AUDIT)
def deliveries_file(request: HttpRequest, person: Person) -> HttpResponse:
    """Hand out what the query finds as CSV, a line for each try; that it left is in the ledger."""
    found = search(visible_deliveries(person), DeliveryFilter(request.GET).search())
    now = clock.now()
    with transaction.atomic():
        append(subject=SUBJECT, verb="deliveries.exported", by=actor_for(person, via="web"), now=now)
    response = StreamingHttpResponse(lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="deliveries-{now:%Y-%m-%d}.csv"'
    return cast(HttpResponse, response)  # the doors speak of answers of any kind


@require_safe
@signed_in(AUDIT)
def delivery_page(request: HttpRequest, person: Person, delivery_id: int) -> HttpResponse:
    """Show one delivery with every exchange with its provider."""
    delivery = visible_deliveries(person).select_related("page").filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound(_("There is no such delivery; old ones are pruned."))
    context = {
        "delivery": delivery,
        "words": subjects.words_of(delivery.page) if delivery.page else None,
        "attempts": [(attempt, *in_words(attempt)) for attempt in delivery.attempts.all()],
    }
    return render(request, "notifications/settings/delivery.html", context)


def in_words(attempt: Attempt) -> tuple[str, str, str]:
    """Return an attempt's kind of state, icon and word; a provider's own later word stays as it is."""
    kind, icon, word = RESULTS.get(attempt.result, ("calm", "facts", attempt.result))
    return kind, icon, str(word)
