"""What people type about starts without anybody: when a plan is run, and who may call for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from eap.format.document import Input
from eap.forms_runs import PREFIX, input_field, without_empty
from eap.models import RunSchedule
from people.forms import zone_choices

WEEKDAYS: Final = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


class KeptInputs(forms.Form):
    """The inputs that are kept for runs which nobody starts by hand. Secret ones aren't kept."""

    def __init__(self, *args: Any, inputs: Mapping[str, Input], kept: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [f"{PREFIX}{name}" for name, asked in inputs.items() if asked.type != "secret"]
        for name in self.names:
            plain = name.removeprefix(PREFIX)
            self.fields[name] = input_field(inputs[plain])
            self.fields[name].required = False
            if plain in kept:
                value = kept[plain]
                self.fields[name].initial = ", ".join(map(str, value)) if isinstance(value, list) else value

    def given(self) -> dict[str, Any]:
        """Return the inputs as they were typed, without those left empty."""
        return without_empty(self.cleaned_data, self.names)


class ScheduleForm(KeptInputs):
    """When a plan is run, with what, as a drill or in earnest."""

    every = forms.ChoiceField(
        label=_("How often"), choices=RunSchedule.Every.choices, initial="month", widget=forms.RadioSelect
    )
    weekday = forms.TypedChoiceField(
        label=_("Weekday"),
        choices=[("", "-"), *WEEKDAYS],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("For every week."),
    )
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("For every month, 1 to 31; a shorter month takes its last day."),
    )
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC")
    drill = forms.BooleanField(
        label=_("This is a drill"),
        required=False,
        initial=True,
        help_text=_("Every message says EXERCISE; automations run on drill hosts or are rehearsed."),
    )

    def __init__(self, *args: Any, inputs: Mapping[str, Input], schedule: RunSchedule | None, **kwargs: Any) -> None:
        if schedule is not None:
            names = ("every", "weekday", "day", "at", "time_zone", "drill")
            kwargs["initial"] = {name: getattr(schedule, name) for name in names}
        super().__init__(*args, inputs=inputs, kept=schedule.inputs if schedule else {}, **kwargs)
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]
        self.order_fields(["every", "weekday", "day", "at", "time_zone", "drill", *self.names])


class HookForm(KeptInputs):
    """Who calls an address, and what a run gets that the call doesn't give."""

    name = forms.CharField(
        label=_("Who will call it"), max_length=100, help_text=_("The run says that this one started it.")
    )
    drill = forms.BooleanField(label=_("It starts drills only"), required=False)

    def __init__(self, *args: Any, inputs: Mapping[str, Input], **kwargs: Any) -> None:
        super().__init__(*args, inputs=inputs, kept={}, **kwargs)
        self.order_fields(["name", "drill", *self.names])
