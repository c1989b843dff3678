"""`/on-call/`: who is on call now, the next two weeks, and taking over in two taps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from engine import clock
from people.actors import actor_for
from people.calendar import days_of
from people.doors import signed_in
from people.models import Override, Person, Schedule
from people.operations.override_schedule import add_override
from people.permissions import OVERRIDE_SCHEDULE, READ, may
from people.turns import turn_now
from web.errors import BadInput, NotFound

END_OF_TURN: Final = "turn"
LENGTHS: Final = [
    ("1", gettext_lazy("for 1 hour")),
    ("2", gettext_lazy("for 2 hours")),
    ("4", gettext_lazy("for 4 hours")),
    ("8", gettext_lazy("for 8 hours")),
    ("12", gettext_lazy("for 12 hours")),
    ("24", gettext_lazy("for 24 hours")),
    (END_OF_TURN, gettext_lazy("until this turn ends")),
]


class TakeOverForm(forms.Form):
    """For how long the reader takes the duty, from now."""

    length = forms.ChoiceField(label=gettext_lazy("I take over"), choices=LENGTHS, initial="8")


@require_safe
@signed_in(READ)
def on_call(request: HttpRequest, person: Person) -> HttpResponse:
    """Show each duty: who holds it, until when, who follows, and the picture of the next 14 days."""
    now = clock.now()
    ahead = list(Override.objects.filter(ends_at__gt=now).select_related("person"))
    shown = [
        {
            "schedule": schedule,
            "turn": turn_now(schedule, now=now),
            "days": days_of(schedule, now=now),
            "overrides": [each for each in ahead if each.schedule_id == schedule.pk],
            "form": TakeOverForm(auto_id=f"take-over-{schedule.pk}-%s"),
        }
        for schedule in Schedule.objects.all()
    ]
    context = {"duties": shown, "reader": person, "may_override": may(person, OVERRIDE_SCHEDULE)}
    return render(request, "people/on_call.html", context)


@require_POST
@signed_in(OVERRIDE_SCHEDULE)
def take_over(request: HttpRequest, person: Person, schedule_id: int) -> HttpResponse:
    """Put the reader on call from now on, for as long as they chose."""
    schedule = Schedule.objects.filter(pk=schedule_id).first()
    if schedule is None:
        raise NotFound(_("There is no such schedule."))
    form = TakeOverForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose for how long."))
    now = clock.now()
    with transaction.atomic():
        add_override(
            schedule_id=schedule.pk,
            person=person,
            starts_at=now,
            ends_at=_end(schedule, form.cleaned_data, now=now),
            by=actor_for(person, via="web"),
            now=now,
        )
    messages.success(request, _("You are on call for {name} now.").format(name=schedule.name))
    return HttpResponseRedirect(reverse("on_call"))


def _end(schedule: Schedule, given: dict[str, Any], *, now: datetime) -> datetime:
    if given["length"] != END_OF_TURN:
        return now + timedelta(hours=int(given["length"]))
    until = turn_now(schedule, now=now).until
    if until is None:
        raise BadInput(_("This turn has no end in the next two weeks. Choose a number of hours."))
    return until
