"""My pages, and one page: who is called, when the next ones are, and the answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from notifications.answers import Answer
from notifications.doors import access_page
from notifications.ladder import ladder_of
from notifications.models import Delivery, Page, Responder
from notifications.operations.acknowledge import acknowledge
from notifications.operations.decline import decline
from notifications.operations.escalate import escalate
from notifications.operations.reassign import reassign
from notifications.operations.snooze import snooze
from notifications.queries import freeze_person, pages, waiting_for, waiting_once
from notifications.registry import subjects
from notifications.tales import MOST_DELIVERIES, tales
from people.actors import actor_for
from people.doors import signed_in
from people.models import Person
from people.permissions import PAGE, may, require
from web.errors import BadInput, IllegalMove
from web.middleware import came_from, send_to

RECENT: Final = 30
SNOOZES: Final = [("15", _("15 minutes")), ("30", _("30 minutes")), ("60", _("1 hour")), ("240", _("4 hours"))]


class SnoozeForm(forms.Form):
    """For how long to be left alone."""

    minutes = forms.ChoiceField(label=_("Ask me again in"), choices=SNOOZES)


class ReassignForm(forms.Form):
    """Who is called instead."""

    person = forms.ModelChoiceField(label=_("Call instead"), queryset=Person.objects.get_queryset().none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.active()  # type: ignore[attr-defined]


@require_safe
@signed_in()
def my_pages(request: HttpRequest, person: Person) -> HttpResponse:
    """Show what waits for my answer, biggest first, then what I was called for before."""
    waiting = waiting_once(person)
    past = pages(person=person).exclude(pk__in=waiting_for(person).order_by().values("pk")).distinct()[:RECENT]
    context = {"waiting": waiting, "past": past, "reader": person}
    return render(request, "notifications/my_pages.html", context)


@require_safe
@signed_in()
def page_detail(request: HttpRequest, person: Person, page_id: UUID) -> HttpResponse:
    """Show one page: its state, the ladder of its levels, who was called by what, and the buttons."""
    page = access_page(person, page_id)
    mine = next((r for r in page.responders_called.all() if r.person_id == person.pk), None)
    answered = mine is not None and mine.state == Responder.State.ACKNOWLEDGED and not mine.on_behalf_by
    newest = Delivery.objects.filter(page=page).select_related("person").prefetch_related("attempts").order_by("-pk")
    deliveries = list(newest[:MOST_DELIVERIES])
    called = list(page.responders_called.all())
    told = tales(deliveries, called, now=clock.now())
    context = {
        "page": page,
        "words": subjects.words_of(page),
        "severity": f"SEV{page.severity}",
        "mine": mine,
        "waits": page.is_open and mine is not None and not answered,
        "can_answer": page.is_open and mine is None and may(person, PAGE),
        "ladder": ladder_of(page),
        "deliveries": deliveries,
        "tales": [(each.person, found) for each in called if (found := told.get(each.person_id))],
        "snooze_form": SnoozeForm(auto_id="snooze-%s"),
        "reassign_form": ReassignForm(auto_id="reassign-%s"),
        "may_page": may(person, PAGE),
        "live": f"page:{page.pk}",
    }
    return render(request, "notifications/page.html", context)


def _answer(
    do: Callable[[Page, Person, HttpRequest], Answer], *, own: bool, for_all: bool = False
) -> Callable[..., HttpResponse]:
    """Return the view of one answer; `own`: somebody who was called needs no capability for it.

    `for_all`: the same answer goes to every other page about the subject that waits for them.
    """

    @require_POST
    @signed_in()
    def view(request: HttpRequest, person: Person, page_id: UUID) -> HttpResponse:
        page = access_page(person, page_id)
        called = any(responder.person_id == person.pk for responder in page.responders_called.all())
        if not (own and called):
            require(person, PAGE)
        with transaction.atomic():
            answer = do(page, person, request)
        for other in _others(page, person) if for_all else ():
            # One transaction each: nobody holds the locks of two pages while waiting for a third.
            with contextlib.suppress(IllegalMove), transaction.atomic():
                do(other, person, request)  # refused: it ended meanwhile, and nothing is asked any more
        messages.success(request, answer.sentence)
        return send_to(request, came_from(request) or reverse("page", args=[page_id]))

    return view


def _others(page: Page, person: Person) -> list[Page]:
    return list(waiting_for(person).filter(subject=page.subject).exclude(pk=page.pk)) if page.subject else []


def _acknowledge(page: Page, person: Person, _request: HttpRequest) -> Answer:
    return acknowledge(page_id=page.pk, person=person, by=actor_for(person, via="web"), now=clock.now())


def _decline(page: Page, person: Person, _request: HttpRequest) -> Answer:
    return decline(page_id=page.pk, person=person, by=actor_for(person, via="web"), now=clock.now())


def _escalate(page: Page, person: Person, _request: HttpRequest) -> Answer:
    return escalate(page_id=page.pk, person=person, by=actor_for(person, via="web"), now=clock.now())


def _snooze(page: Page, person: Person, request: HttpRequest) -> Answer:
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise BadInput("Choose how long.")
    now = clock.now()
    until = now + timedelta(minutes=int(form.cleaned_data["minutes"]))
    return snooze(page_id=page.pk, person=person, until=until, by=actor_for(person, via="web"), now=now)


def _reassign(page: Page, person: Person, request: HttpRequest) -> Answer:
    form = ReassignForm(request.POST)
    if not form.is_valid():
        raise BadInput("Choose who is called instead.")
    policy = freeze_person(form.cleaned_data["person"])
    return reassign(page_id=page.pk, policy=policy, by=actor_for(person, via="web"), now=clock.now())


page_acknowledge = _answer(_acknowledge, own=True, for_all=True)
page_decline = _answer(_decline, own=True, for_all=True)
page_escalate = _answer(_escalate, own=True)
page_snooze = _answer(_snooze, own=True)
page_reassign = _answer(_reassign, own=False)
