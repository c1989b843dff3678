"""`/status-pages/<page>/subscribe`: the form of the static page, and Muster's own with all choices."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from engine import clock
from statuspage.models import StatusPage, Subscriber
from statuspage.public_forms import Visit, check_form, hidden_fields
from statuspage.public_pages import answer, language_for, public_view
from statuspage.subscribers.addresses import clean_address
from statuspage.subscribers.asking import FORM, FORM_LIMITS, ask, clean_contact, need_subscribers
from statuspage.subscribers.choosing import choices_for
from statuspage.subscribers.wishes import Wishes, read_wishes
from web.errors import BadInput
from web.places import place_of

TEMPLATE: Final = "statuspage/subscribers/sign_up.html"
DONE: Final = "statuspage/subscribers/asked.html"


@public_view("GET", "HEAD", "POST")
def subscribe(request: HttpRequest, page: StatusPage) -> HttpResponse:
    """Show the form; on POST ask the address's owner to confirm.

    The static page's form holds no token, so it leads to this one with the address filled in: a person presses once
    more, and chooses meanwhile. The answer is the same whether the address is known or not.
    """
    need_subscribers(page)
    if request.method != "POST":
        return _form(request, page, errors={}, wishes=Wishes(language=language_for(request, page)))
    now = clock.now()
    channel = request.POST.get("channel", Subscriber.Channel.EMAIL)
    typed = request.POST.get("address", "")[:600].replace("\0", "")
    visit = check_form(
        request, purpose=FORM, page=page, limits=FORM_LIMITS, now=now, key=f"{channel[:7]}:{typed.strip().lower()}"
    )
    try:
        address = clean_address(channel, typed)
        if visit.token == "missing" and not visit.robot:  # noqa: S105  (a word of ours)
            return _form(request, page, errors={}, wishes=Wishes(language=language_for(request, page)), typed=True)
        contact = clean_contact(channel, request.POST.get("contact", "")[:254])
        wishes = _wishes(request, page)
    except BadInput as refusal:
        wishes = Wishes(language=language_for(request, page))
        return _form(request, page, errors=refusal.errors, wishes=wishes, typed=True, status=422)
    if not visit.robot and visit.token != "fresh":  # noqa: S105
        return _form(request, page, errors={"form": _old_or_hasty(visit)}, wishes=wishes, typed=True, status=422)
    if not visit.robot:
        place = place_of(request)
        ask(page=page, channel=channel, address=address, contact=contact, wishes=wishes, place=place, now=now)
    return answer(request, page, DONE, now=now, channel=channel, address=address, contact=contact)


def _old_or_hasty(visit: Visit) -> str:
    if visit.token == "early":  # noqa: S105
        return _("That was very fast. Press the button once more.")
    return _("This form was open for too long. Press the button once more.")


def _wishes(request: HttpRequest, page: StatusPage) -> Wishes:
    some = request.POST.get("scope") == "some"
    return read_wishes(
        page,
        language=request.POST.get("language", ""),
        minimum_impact=request.POST.get("minimum_impact", ""),
        components=request.POST.getlist("components") if some else None,
    )


def _form(
    request: HttpRequest,
    page: StatusPage,
    *,
    errors: dict[str, str],
    wishes: Wishes,
    typed: bool = False,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    shown: dict[str, Any] = {
        "errors": errors,
        "typed": typed,
        "channel": request.POST.get("channel", Subscriber.Channel.EMAIL),
        "address": request.POST.get("address", "")[:600].replace("\0", ""),
        "contact": request.POST.get("contact", "")[:254].replace("\0", ""),
        "hidden_fields": hidden_fields(purpose=FORM, page=page, now=now),
        **choices_for(page, wishes, language=language_for(request, page)),
    }
    return answer(request, page, TEMPLATE, now=now, status=status, **shown)
