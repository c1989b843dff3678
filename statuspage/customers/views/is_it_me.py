"""`/status-pages/<page>/is-it-me`: a domain or an account and the customer number in, what hits it out."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse

from engine import clock
from statuspage.customers.asking import what_hits
from statuspage.customers.rows import LONGEST
from statuspage.customers.shown import shown_hits
from statuspage.models import StatusPage
from statuspage.public_forms import Limits, check_form
from statuspage.public_pages import answer, language_for, public_view

PURPOSE: Final = "is-it-me"
LIMITS: Final = Limits(per_key=30, per_place=60, overall=50_000)
"""An hour's worth. Behind one office's address many customers sit; one customer number is asked for by few people. Who
wants to find pairs of number and domain gets 30 guesses a number."""


@public_view("GET", "HEAD", "POST")
def is_it_me(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Show the form; on POST say what hits the asset, or that we know of nothing."""
    name = request.POST.get("name", "").strip()[: LONGEST["asset"]].replace("\0", "")
    number = request.POST.get("number", "").strip()[: LONGEST["customer"]].replace("\0", "")
    now = clock.now()
    found = None
    if request.method == "POST":
        visit = check_form(request, purpose=PURPOSE, page=page, limits=LIMITS, now=now, key=number.upper())
        hits = [] if visit.robot else what_hits(page_id=page.pk, name=name, number=number, now=now)
        found = shown_hits(hits, language_for(request, page))
    template = "statuspage/site/is_it_me_answer.html"
    return answer(request, page, template, now=now, found=found, name=name, number=number)
