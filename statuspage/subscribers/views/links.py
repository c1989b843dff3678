"""What the links in messages open: confirm, manage, unsubscribe. Only a POST changes anything, because scanners follow
links."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from engine import clock
from statuspage.models import Letter, Subscriber
from statuspage.public_pages import answer, refused
from statuspage.subscribers import tokens
from statuspage.subscribers.choosing import choices_for
from statuspage.subscribers.subscriptions import OWNER, change, end, reactivate
from statuspage.subscribers.subscriptions import confirm as confirm_letter
from statuspage.subscribers.update_mail import link
from statuspage.subscribers.wishes import Wishes, read_wishes
from web.answers import refusal_page
from web.errors import BadInput, NotFound, Refusal

LinkView = Callable[[HttpRequest, Subscriber, str], HttpResponse]
ONE_CLICK: Final = "One-Click"
"""What mail programs send when somebody presses their own unsubscribe button (RFC 8058 section 3.1)."""


def link_view(read: Callable[[str], UUID]) -> Callable[[LinkView], Callable[..., HttpResponse]]:
    """Hand the view the subscriber that a link's token names, in their language; say refusals on a page."""

    def wrap(view: LinkView) -> Callable[..., HttpResponse]:
        # The signed link is the permission and no cookie acts here: there is nothing that a forged form could use.
        @csrf_exempt
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def inner(request: HttpRequest, token: str) -> HttpResponse:
            subscriber: Subscriber | None = None
            try:
                subscriber = _subscriber(read(token))
                with translation.override(subscriber.language):
                    return view(request, subscriber, token)
            except Refusal as refusal:
                if subscriber is None:
                    return refusal_page(request, refusal)
                with translation.override(subscriber.language):
                    return refused(request, subscriber.page, refusal, language=subscriber.language)

        return inner

    return wrap


def _subscriber(subscriber_id: UUID) -> Subscriber:
    found = Subscriber.objects.select_related("page").filter(pk=subscriber_id).first()
    if found is None:
        raise NotFound(_("There is no such subscription any more."))
    return found


def _of_letter(token: str) -> UUID:
    letter_id = tokens.read_letter(token, now=clock.now())
    found = Letter.objects.filter(pk=letter_id).values_list("subscriber", flat=True).first()
    if found is None:
        raise NotFound(_("What this was about is no longer here. Sign up again on the status page."))
    return found


def _to_manage(token: str) -> UUID:
    return tokens.read("manage", token)


def _to_unsubscribe(token: str) -> UUID:
    return tokens.read("unsubscribe", token)


@link_view(_of_letter)
def confirm(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Show what would be confirmed, with one button; POST confirms."""
    now = clock.now()
    done = request.method == "POST"
    if done:
        with transaction.atomic():
            subscriber = confirm_letter(letter_id=tokens.read_letter(token, now=now), now=now)
    return answer(
        request,
        subscriber.page,
        "statuspage/subscribers/confirm.html",
        now=now,
        language=subscriber.language,
        subscriber=subscriber,
        done=done,
        manage=link("manage", tokens.sign("manage", subscriber.pk)) if done else "",
    )


@link_view(_to_manage)
def manage(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:  # noqa: ARG001
    """Show what somebody hears of; POST changes it (`verb` save) or tries a quarantined address again (`retry`)."""
    now = clock.now()
    saved, errors, wishes = False, {}, None
    if request.method == "POST":
        try:
            with transaction.atomic():
                if request.POST.get("verb") == "retry":
                    subscriber = reactivate(subscriber_id=subscriber.pk, by=OWNER, now=now)
                else:
                    wishes = _wishes(request, subscriber)
                    subscriber = change(subscriber_id=subscriber.pk, wishes=wishes)
            saved = True
        except BadInput as refusal:
            errors = refusal.errors
    wishes = wishes or Wishes.of(subscriber)
    with translation.override(subscriber.language):
        return answer(
            request,
            subscriber.page,
            "statuspage/subscribers/manage.html",
            now=now,
            language=subscriber.language,
            status=422 if errors else 200,
            subscriber=subscriber,
            saved=saved,
            errors=errors,
            unsubscribe=link("unsubscribe", tokens.sign("unsubscribe", subscriber.pk)),
            **choices_for(subscriber.page, wishes, language=subscriber.language),
        )


def _wishes(request: HttpRequest, subscriber: Subscriber) -> Wishes:
    some = request.POST.get("scope") == "some"
    return read_wishes(
        subscriber.page,
        language=request.POST.get("language", ""),
        minimum_impact=request.POST.get("minimum_impact", ""),
        components=request.POST.getlist("components") if some else None,
    )


@link_view(_to_unsubscribe)
def unsubscribe(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:  # noqa: ARG001
    """Show one button; POST ends the subscription, also the one that a mail program sends by itself (RFC 8058)."""
    now = clock.now()
    done = request.method == "POST"
    if done:
        with transaction.atomic():
            subscriber = end(subscriber_id=subscriber.pk, now=now)
        if request.POST.get("List-Unsubscribe") == ONE_CLICK:
            return HttpResponse("You get no more of these.\n", content_type="text/plain; charset=utf-8")
    return answer(
        request,
        subscriber.page,
        "statuspage/subscribers/unsubscribe.html",
        now=now,
        language=subscriber.language,
        subscriber=subscriber,
        done=done,
    )
