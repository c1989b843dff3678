"""`/status-pages/customers/`: who buys what from us, what hits them, their secret links."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import ADMINISTER, DRAFT_UPDATE, may
from statuspage.addresses import public_address
from statuspage.customers.hits import servers_now
from statuspage.customers.operations.link import issue_link, rotate_link, withdraw_link
from statuspage.customers.queries import (
    assets_with_hits,
    customer_in_full,
    customers_listed,
    pages_offered,
    servers_listed,
)
from statuspage.models import Customer
from web.errors import NotFound

PER_PAGE: Final = 50


@require_safe
@signed_in(DRAFT_UPDATE)
def status_customers(request: HttpRequest, person: Person) -> HttpResponse:
    """List customers by number, from `after` on, so that a page stays the same while others come."""
    words, page_id, after = _asked(request)
    found = customers_listed(page_id=page_id, words=words)
    rows = list(found.filter(number__gte=after)[: PER_PAGE + 1] if after else found[: PER_PAGE + 1])
    context = {
        "rows": rows[:PER_PAGE],
        **_listing(words, page_id, after, rows[PER_PAGE].number if len(rows) > PER_PAGE else ""),
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "statuspage/customers/customers.html", context)


@require_safe
@signed_in(DRAFT_UPDATE)
def status_servers(request: HttpRequest, person: Person) -> HttpResponse:
    """List servers by name with what hits each now."""
    words, page_id, after = _asked(request)
    found = servers_listed(page_id=page_id, words=words)
    rows = list(found.filter(name__gte=after)[: PER_PAGE + 1] if after else found[: PER_PAGE + 1])
    now = clock.now()
    hits: dict[tuple[str, str], int] = {}
    for page in {row.page_id for row in rows}:
        hits |= {(page, server.name): len(server.hits) for server in servers_now(page, now)}
    context = {
        "rows": [(row, hits.get((row.page_id, row.name), 0)) for row in rows[:PER_PAGE]],
        **_listing(words, page_id, after, rows[PER_PAGE].name if len(rows) > PER_PAGE else ""),
        "may_administer": may(person, ADMINISTER),
    }
    return render(request, "statuspage/customers/servers.html", context)


@require_safe
@signed_in(DRAFT_UPDATE)
def status_customer(request: HttpRequest, person: Person, customer_id: int) -> HttpResponse:  # noqa: ARG001
    """Show one customer's assets with what hits each, and the link to their own page."""
    customer = customer_in_full(customer_id)
    if customer is None:
        raise NotFound(_("There is no such customer."))
    context = {
        "customer": customer,
        "assets": assets_with_hits(customer, clock.now()),
        "link": _link(customer),
        "subscriptions": customer.subscriptions.all(),
    }
    return render(request, "statuspage/customers/customer.html", context)


@require_POST
@signed_in(DRAFT_UPDATE)
def status_customer_link(request: HttpRequest, person: Person, customer_id: int) -> HttpResponse:
    """Issue a customer's secret link, give them another one, or take it back: `move` says which."""
    moves = {"issue": issue_link, "rotate": rotate_link, "withdraw": withdraw_link}
    said = {
        "issue": _("The link is made. The page behind it is there in a few seconds."),
        "rotate": _("Here is the new link. The old one leads nowhere in a few seconds."),
        "withdraw": _("The link is taken back. The page goes in a few seconds."),
    }
    move = request.POST.get("move", "issue")
    if move not in moves:
        raise NotFound(_("There is no such move."))
    with transaction.atomic():
        moves[move](customer_id=customer_id, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, said[move])
    return HttpResponseRedirect(reverse("status_customer", args=[customer_id]))


def _asked(request: HttpRequest) -> tuple[str, str, str]:
    words, page_id, after = (
        request.GET.get(name, "").replace("\0", "").strip()[:200] for name in ("q", "page", "after")
    )
    return words, page_id, after


def _listing(words: str, page_id: str, after: str, following: str) -> dict[str, object]:
    kept = {name: value for name, value in (("q", words), ("page", page_id)) if value}
    return {
        "words": words,
        "page_id": page_id,
        "pages": pages_offered(),
        "older": f"?{urlencode({**kept, 'after': following})}" if following else "",
        "newer": f"?{urlencode(kept)}" if after else "",
    }


def _link(customer: Customer) -> str:
    if customer.issued_at is None or customer.page.audience == customer.page.Audience.PASSWORD:
        return ""
    return f"{public_address(customer.page)}customers/{customer.secret}/index.html"
