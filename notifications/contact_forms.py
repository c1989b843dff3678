"""What people type about how they are reached."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.channels.registry import all_channels
from notifications.languages import LANGUAGES
from notifications.models import ContactMethod, Urgency
from people.models import Person

DELAYS: Final = [
    (0, _("At once")),
    (60, _("After 1 minute")),
    (120, _("After 2 minutes")),
    (300, _("After 5 minutes")),
    (600, _("After 10 minutes")),
    (900, _("After 15 minutes")),
    (1800, _("After 30 minutes")),
]

REDIALS: Final = [
    ("0", _("Never")),
    ("1:60", _("Once, after 1 minute")),
    ("1:180", _("Once, after 3 minutes")),
    ("2:60", _("Twice, 1 minute apart")),
    ("3:120", _("Three times, 2 minutes apart")),
]
"""How often, and how many seconds apart."""


class AddContactForm(forms.Form):
    """A new way to be reached."""

    kind = forms.ChoiceField(label=_("How"), widget=forms.Select)
    address = forms.CharField(
        label=_("Number or address"),
        max_length=500,
        help_text=_("A phone number with its country code, such as +46 70 123 45 67; an e-mail address; or a URL."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(label=_("Name it"), max_length=60, required=False, help_text=_("Such as: private phone."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = [each for each in all_channels() if each.is_typed and not (each.is_optional and each.trouble())]
        by_phone_first = sorted(typed, key=lambda each: (each.address_type != "tel", each.kind == "webhook"))
        self.fields["kind"].choices = [(each.kind, each.label) for each in by_phone_first]  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    """The six digits that were sent."""

    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"class": "code", "inputmode": "numeric", "autocomplete": "one-time-code", "placeholder": "000000"}
        ),
    )


class RuleForm(forms.Form):
    """One more step: what is used after how long."""

    urgency = forms.ChoiceField(label=_("For"), choices=Urgency.choices, widget=forms.HiddenInput)
    contact_method = forms.ModelChoiceField(
        label=_("Use"), queryset=ContactMethod.objects.get_queryset().none(), empty_label=None
    )
    delay_s = forms.TypedChoiceField(label=_("When"), choices=DELAYS, coerce=int)
    redial = forms.ChoiceField(label=_("If nobody answers, call again"), choices=REDIALS, required=False)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["contact_method"]
        field.queryset = ContactMethod.objects.filter(person=person)  # type: ignore[attr-defined]
        field.label_from_instance = name_of  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Put the chosen redialling into `redials` and `redial_after_s`."""
        given = super().clean() or {}
        times, _colon, after_s = str(given.pop("redial", "") or "0").partition(":")
        return {**given, "redials": int(times), "redial_after_s": int(after_s or 60)}


class ReaderForm(forms.Form):
    """In which time zone and language somebody reads and is called."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Times on your screens are told in it."))
    language = forms.ChoiceField(label=_("Language"), help_text=_("Of calls, texts and mail to you."))
    discreet_calls = forms.BooleanField(
        label=_("Calls say nothing before I press a key"),
        required=False,
        help_text=_("Whoever picks up hears only that it is urgent, and so say notifications on a locked screen."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self.fields["time_zone"].choices = [(zone, zone) for zone in ["UTC", *zones]]  # type: ignore[attr-defined]
        self.fields["language"].choices = list(LANGUAGES.items())  # type: ignore[attr-defined]


def name_of(method: ContactMethod) -> str:
    """Return a contact method as its owner knows it: "Phone call, +46 …"."""
    labels = {each.kind: str(each.label) for each in all_channels()}
    how = labels.get(method.channel, method.channel)
    return f"{how}, {method.label or method.address}"
