"""What administrators type about a line for callers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Service
from incidents.rules.numbers import severity_name
from notifications.languages import LANGUAGES
from rooms.models import CallLine


class LineForm(forms.Form):
    """A number, what its callers hear and choose, and what a message opens."""

    number = forms.CharField(
        label=_("Number"),
        max_length=30,
        help_text=_("One of your Twilio numbers, with country code. Its voice address is that of Muster."),
    )
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("Callers hear it, such as: Harbor emergencies."))
    greeting = forms.CharField(
        label=_("Greeting"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300})
    )
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGES.items()), initial="en")
    services = forms.ModelMultipleChoiceField(
        label=_("Services to choose from"),
        queryset=Service.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Up to nine, by name. With a single one nobody has to choose."),
    )
    ring_s = forms.IntegerField(
        label=_("Seconds that each level rings"), min_value=5, max_value=60, initial=20, help_text=_("5 to 60.")
    )
    severity = forms.TypedChoiceField(
        label=_("A message opens"),
        coerce=int,
        choices=[(number, severity_name(number)) for number in range(1, 5)],
        initial=2,
    )

    def __init__(self, *args: Any, line: CallLine | None = None, **kwargs: Any) -> None:
        if line is not None:
            kwargs["initial"] = {
                "number": line.number,
                "name": line.name,
                "greeting": line.greeting,
                "language": line.language,
                "services": [choice.service_id for choice in line.choices.all()],
                "ring_s": line.ring_s,
                "severity": line.severity,
            }
        super().__init__(*args, **kwargs)
        self.fields["services"].queryset = Service.objects.order_by("name")  # type: ignore[attr-defined]
