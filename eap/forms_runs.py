"""What people type to start a run and to steer it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eap.format.document import Input
from eap.models import Run, RunStep
from incidents.models import Incident
from incidents.queries import visible_incidents
from people.models import Person

PREFIX: Final = "input_"


class StartForm(forms.Form):
    """How a plan is started: its inputs, for which incident, in earnest or as a drill."""

    drill = forms.BooleanField(
        label=_("This is a drill"),
        required=False,
        help_text=_("Every message says EXERCISE; automations run on drill hosts or are rehearsed."),
    )
    incident = forms.ModelChoiceField(
        label=_("For the incident"),
        queryset=Incident.objects.none(),
        required=False,
        empty_label=_("None"),
    )
    reason = forms.CharField(label=_("Why"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, inputs: Mapping[str, Input], person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = visible_incidents(person).filter(status__in=Incident.OPEN)
        self.fields["incident"].queryset = open_ones  # type: ignore[attr-defined]
        self.names = [f"{PREFIX}{name}" for name in inputs]
        for name, asked in inputs.items():
            self.fields[f"{PREFIX}{name}"] = input_field(asked)
        self.order_fields([*self.names, "incident", "drill", "reason"])

    def given(self) -> dict[str, Any]:
        """Return the plan's inputs as they were typed, without those left empty."""
        return without_empty(self.cleaned_data, self.names)


def without_empty(cleaned: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the plan's inputs among what was typed, by their own names, without those left empty."""
    found = {name.removeprefix(PREFIX): cleaned.get(name) for name in names}
    return {name: value for name, value in found.items() if value not in (None, "")}


_TYPED: Final[Mapping[str, forms.Widget]] = {
    "number": forms.TextInput(attrs={"inputmode": "decimal"}),
    "date": forms.DateInput(attrs={"type": "date"}),
}


class MomentField(forms.DateTimeField):
    """A time on the reader's clocks, which a browser sends without an offset; the run gets it with one."""

    def __init__(self, *, help_text: str, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        zone = gettext("In your time zone, {zone}.").format(zone=timezone.get_current_timezone_name())
        super().__init__(widget=widget, help_text=f"{help_text} {zone}".strip(), **options)

    def prepare_value(self, value: Any) -> Any:
        """Show what is kept, with its offset, on the reader's clocks."""
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return value
            if timezone.is_naive(value):
                return value.strftime("%Y-%m-%dT%H:%M")
        return super().prepare_value(value)

    def clean(self, value: Any) -> str:
        """Return the moment in ISO 8601, "" where none was given."""
        moment: datetime | None = super().clean(value)
        return moment.isoformat() if moment else ""


def input_field(asked: Input) -> forms.Field:
    """Return the field of an input. The run checks the value itself; here only what a browser can help with."""
    shared: dict[str, Any] = {"label": asked.title, "help_text": asked.help, "required": asked.required}
    if asked.type == "boolean":
        return forms.BooleanField(**{**shared, "required": False}, initial=bool(asked.default))
    if asked.type == "secret":
        return forms.CharField(**shared, widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    shared["initial"] = ", ".join(asked.default) if isinstance(asked.default, list) else asked.default
    if asked.type == "choice":
        return forms.ChoiceField(**shared, choices=[("", "-"), *((option, option) for option in asked.options)])
    if asked.type == "datetime":
        return MomentField(**shared)
    if asked.type == "hosts":
        shared["help_text"] = asked.help or _("Groups or hosts of the inventories, with commas between.")
    return forms.CharField(**shared, widget=_TYPED.get(asked.type))


class ReasonForm(forms.Form):
    """Why; everybody reads it afterwards."""

    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class StopForm(forms.Form):
    """How hard a run is stopped."""

    how = forms.ChoiceField(label=_("Stop"), choices=Run.Stop.choices, initial=Run.Stop.NOW, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class ReassignForm(forms.Form):
    """Who does it instead."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=Person.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.active().order_by("name")  # type: ignore[attr-defined]


class ProofForm(forms.Form):
    """What proves a step. What the plan asks for (`asked`: note, file, hash) is not called optional; it isn't required
    either, because evidence that was added before counts."""

    note = forms.CharField(label=_("Note"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))
    file = forms.FileField(label=_("File"), required=False)
    hash = forms.CharField(label=_("Hash (SHA-256)"), required=False, max_length=128)

    def __init__(self, *args: Any, asked: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        if not self.is_bound:
            for name in asked:
                self.fields[name].required = True


class AddStepForm(forms.Form):
    """A step that the plan did not foresee."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    instructions = forms.CharField(
        label=_("How"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    person = forms.ModelChoiceField(
        label=_("Who"), queryset=Person.objects.none(), required=False, empty_label=_("Whoever leads")
    )
    before = forms.ModelMultipleChoiceField(
        label=_("What waits for it"), queryset=RunStep.objects.none(), required=False
    )

    def __init__(self, *args: Any, run: Run, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.active().order_by("name")  # type: ignore[attr-defined]
        waiting = RunStep.objects.filter(run=run, state=RunStep.State.WAITING).order_by("position")
        self.fields["before"].queryset = waiting  # type: ignore[attr-defined]


class VoteForm(forms.Form):
    """Yes or no to exactly what was shown."""

    digest = forms.CharField(max_length=64)
    answer = forms.ChoiceField(choices=[("approve", "approve"), ("deny", "deny")])
    note = forms.CharField(required=False, max_length=1000)
    code = forms.CharField(required=False, max_length=20)
