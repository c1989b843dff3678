"""The test of ourselves on the page about delivery health: when it comes, to whom, and how the last ones went."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from engine import clock
from notifications.models import SelfTest, SelfTestRun
from notifications.operations.change_self_test import change_self_test, switch_self_test_off
from notifications.operations.self_test import run_self_test
from people.actors import actor_for
from people.doors import signed_in
from people.forms import zone_choices
from people.models import Person, Schedule
from people.permissions import ADMINISTER
from web.errors import BadInput, IllegalMove

RECENT: Final = 5
EVERY_DAY: Final = ""


class SelfTestForm(forms.Form):
    """Whom it writes to, and when: a person, or whoever is on call then."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=Person.objects.get_queryset().none(),
        required=False,
        empty_label=gettext_lazy("Who is on call"),
    )
    schedule = forms.ModelChoiceField(
        label=gettext_lazy("On call by"), queryset=Schedule.objects.get_queryset().none(), required=False
    )
    weekday = forms.ChoiceField(label=gettext_lazy("Every"), required=False)
    at = forms.TimeField(label=gettext_lazy("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.active()  # type: ignore[attr-defined]
        self.fields["schedule"].queryset = Schedule.objects.get_queryset()  # type: ignore[attr-defined]
        days = [(str(number), name) for number, name in WEEKDAYS.items()]
        self.fields["weekday"].choices = [(EVERY_DAY, _("Day")), *days]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]


def self_test_of(reader: Person) -> dict[str, Any]:
    """Return what the page shows of it: the test (None: off), its form, the last tests."""
    test = SelfTest.objects.select_related("person", "schedule").first()
    initial: dict[str, Any] = {"weekday": "0", "at": "10:00", "time_zone": reader.time_zone}
    if test is not None:
        initial = {
            "person": test.person_id,
            "schedule": test.schedule_id,
            "weekday": EVERY_DAY if test.weekday is None else str(test.weekday),
            "at": test.at,
            "time_zone": test.time_zone,
        }
    return {
        "self_test": test,
        "self_test_form": SelfTestForm(initial=initial, auto_id="self-test-%s"),
        "self_test_runs": list(SelfTestRun.objects.select_related("person")[:RECENT]),
    }


@require_POST
@signed_in(ADMINISTER)
def self_test_save(request: HttpRequest, person: Person) -> HttpResponse:
    """Switch it on, or change it."""
    form = SelfTestForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose whom the self-test writes to, and when."))
    given = form.cleaned_data
    with transaction.atomic():
        test = change_self_test(
            person=given["person"],
            schedule=given["schedule"],
            weekday=int(given["weekday"]) if given["weekday"] else None,
            at=given["at"],
            time_zone=given["time_zone"],
            by=actor_for(person, via="web"),
            now=clock.now(),
        )
    messages.success(request, _("Saved. The next one comes at {at} UTC.").format(at=f"{test.next_at:%Y-%m-%d %H:%M}"))
    return _back()


@require_POST
@signed_in(ADMINISTER)
def self_test_off(request: HttpRequest, person: Person) -> HttpResponse:
    """Switch it off."""
    with transaction.atomic():
        switch_self_test_off(by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("No self-test comes any more."))
    return _back()


@require_POST
@signed_in(ADMINISTER)
def self_test_now(request: HttpRequest, person: Person) -> HttpResponse:
    """Test at once, beside its times."""
    with transaction.atomic():
        test = SelfTest.objects.select_for_update(no_key=True).first()
        if test is None:
            raise IllegalMove(_("Say first whom the self-test writes to."))
        if SelfTestRun.objects.filter(state=SelfTestRun.State.RUNNING).exists():
            raise IllegalMove(_("One is running; wait for what comes of it."))
        run_self_test(test, by=actor_for(person, via="web"), now=clock.now())
    messages.success(request, _("Its messages are on their way."))
    return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("delivery_health"))
