"""`/me/pin/`: the PIN with which its owner approves by telephone. Administrators may clear it, never set it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from engine import clock
from people import second_factor
from people.actors import actor_for
from people.doors import signed_in
from people.editing import Editor, edit
from people.models import Person
from people.operations.phone_pin import clear_pin, has_pin, set_pin
from people.own_proof import proof_of
from people.permissions import ADMINISTER
from people.rules import pins
from people.views.people import access_person

_DIGITS = {"inputmode": "numeric", "autocomplete": "off", "class": "code"}


class ProofForm(forms.Form):
    """What proves that it is the owner who asks."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Or a code from your authenticator"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Neither is needed if you signed in with a second factor within five minutes."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class PinForm(ProofForm):
    """A new PIN, twice, because nobody sees what they type."""

    field_order = ("pin", "again", "password", "code")
    pin = forms.CharField(
        label=gettext_lazy("New PIN"),
        max_length=pins.LONGEST,
        help_text=gettext_lazy("4 to 8 digits, none that is easily guessed: no 1234, no 0000, no year."),
        widget=forms.PasswordInput(attrs=_DIGITS),
    )
    again = forms.CharField(
        label=gettext_lazy("The same PIN again"), max_length=pins.LONGEST, widget=forms.PasswordInput(attrs=_DIGITS)
    )

    def clean_pin(self) -> str:
        """Refuse what is tried first."""
        pin: str = self.cleaned_data["pin"]
        fault = pins.fault(pin)
        if fault:
            raise ValidationError(fault)
        return pin

    def clean(self) -> dict[str, Any]:
        """Refuse two different ones."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("pin") and given.get("again") and given["pin"] != given["again"]:
            self.add_error("again", _("The two are not the same."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def pin_edit(request: HttpRequest, person: Person) -> HttpResponse:
    """Set the reader's PIN, or another one."""
    form = PinForm(request.POST if request.method == "POST" else None)
    exists = has_pin(person)

    def save(given: dict[str, Any]) -> None:
        proof = proof_of(request, person, password=given["password"], code=given["code"])
        set_pin(person_id=person.pk, pin=given["pin"], proof=proof, by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=_("Change my PIN") if exists else _("Set a PIN"),
        intro=_("With it you approve by text or on a call. Tell nobody: who has it and your phone approves as you."),
        back=reverse("my_contacts"),
        said=_("Your PIN is set."),
        template="people/phone_pin.html",
        more={"has_pin": exists, "has_second_factor": second_factor.has_one(person)},
    )
    return edit(request, form, editor, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def pin_clear(request: HttpRequest, person: Person) -> HttpResponse:
    """Take the reader's PIN away."""
    form = ProofForm(request.POST if request.method == "POST" else None)

    def save(given: dict[str, Any]) -> None:
        proof_of(request, person, password=given["password"], code=given["code"])
        clear_pin(person_id=person.pk, by=actor_for(person, via="web"), now=clock.now())

    editor = Editor(
        title=_("Clear my PIN"),
        intro=_("What can't be undone, you then approve on the web only."),
        back=reverse("my_contacts"),
        said=_("You have no PIN any more."),
        template="people/phone_pin.html",
        more={"clearing": True},
    )
    return edit(request, form, editor, save=save)


@require_POST
@signed_in(ADMINISTER)
def person_pin_clear(request: HttpRequest, person: Person, person_id: UUID) -> HttpResponse:
    """Take somebody's PIN away: forgotten, or known to others."""
    shown = access_person(person_id)
    with transaction.atomic():
        cleared = clear_pin(person_id=shown.pk, by=actor_for(person, via="web"), now=clock.now())
    if cleared:
        messages.success(request, _("Cleared. {name} sets a new one themselves.").format(name=shown.name))
    else:
        messages.success(request, _("{name} has no PIN.").format(name=shown.name))
    return HttpResponseRedirect(reverse("person", args=[person_id]))
