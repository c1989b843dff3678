"""What people type about incidents."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, IncidentType, RoleName, Service, SeverityPolicy
from people.models import Person

STATUSES: Final = [
    (value, label) for value, label in Incident.Status.choices if value in ("investigating", "identified", "monitoring")
]


def severity_choices() -> list[tuple[str, str]]:
    """Return SEV1 to SEV4, each with its written meaning."""
    meanings = dict(SeverityPolicy.objects.values_list("severity", "meaning"))
    return [
        (str(number), f"SEV{number}: {meanings[number]}" if number in meanings else f"SEV{number}")
        for number in range(1, 5)
    ]


class DeclareForm(forms.Form):
    """One title; everything else has a good default."""

    title = forms.CharField(
        label=_("What is wrong?"),
        max_length=200,
        help_text=_("One line, as you would say it on the phone."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "enterkeyhint": "go"}),
    )
    severity = forms.ChoiceField(label=_("How bad is it?"), initial="3", widget=forms.RadioSelect)
    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.none(), required=False, empty_label=_("Not known yet")
    )
    type = forms.ChoiceField(label=_("Kind"), choices=IncidentType.choices, initial=IncidentType.OTHER, required=False)
    summary = forms.CharField(
        label=_("What do you know?"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    private = forms.BooleanField(
        label=_("Private"),
        required=False,
        help_text=_("Only those who are called, hold a role or may see all. Messages carry no title."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["severity"].choices = severity_choices()  # type: ignore[attr-defined]
        self.fields["service"].queryset = Service.objects.all()  # type: ignore[attr-defined]


class StatusForm(forms.Form):
    """Where the incident stands."""

    status = forms.ChoiceField(label=_("Status"), choices=STATUSES)
    note = forms.CharField(
        label=_("What changed?"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )


class SeverityForm(forms.Form):
    """How bad it is, and why that changed."""

    severity = forms.ChoiceField(label=_("How bad is it?"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why?"), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["severity"].choices = severity_choices()  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """A note for the timeline."""

    text = forms.CharField(label=_("Note"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))


class DecisionForm(forms.Form):
    """What was decided, and why."""

    text = forms.CharField(label=_("What was decided?"), max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))
    because = forms.CharField(
        label=_("Why?"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )


class EndForm(forms.Form):
    """A word with the end: resolving, closing, declining, reopening."""

    note = forms.CharField(
        label=_("What should be known?"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )


class RenameForm(forms.Form):
    """A better title or summary."""

    title = forms.CharField(label=_("What is wrong?"), max_length=200)
    summary = forms.CharField(
        label=_("What do you know?"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )


class RoleForm(forms.Form):
    """Who holds which role from now on."""

    role = forms.ChoiceField(label=_("Role"), choices=RoleName.choices)
    person = forms.ModelChoiceField(label=_("Person"), queryset=Person.objects.get_queryset().none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.active()  # type: ignore[attr-defined]


class RespondersForm(forms.Form):
    """Whom to call as well."""

    people = forms.ModelMultipleChoiceField(
        label=_("Call"), queryset=Person.objects.get_queryset().none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = Person.objects.active()  # type: ignore[attr-defined]


class MergeForm(forms.Form):
    """Which open incident this one is part of."""

    into = forms.ModelChoiceField(label=_("Is part of"), queryset=Incident.objects.none(), empty_label=None)

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]
