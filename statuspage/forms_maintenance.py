"""What people type about maintenance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage.forms_draft import DraftForm
from statuspage.models import PublicIncident, StatusPage
from statuspage.operations.checking import LONGEST_TEXT
from statuspage.rules.languages import LANGUAGES

REMINDERS: Final = (
    ("", gettext_lazy("Not at all")),
    ("3600", gettext_lazy("An hour before")),
    ("14400", gettext_lazy("4 hours before")),
    ("86400", gettext_lazy("A day before")),
    ("259200", gettext_lazy("3 days before")),
    ("604800", gettext_lazy("A week before")),
)


class MomentField(forms.DateTimeField):
    """A day and a time of the reader's zone, typed or picked."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **options)


class TimesForm(forms.Form):
    """From when to when."""

    scheduled_for = MomentField(label=gettext_lazy("Begins"))
    scheduled_until = MomentField(label=gettext_lazy("Ends"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()
        self.fields["scheduled_for"].help_text = _("In your time zone, {zone}.").format(zone=zone)


class BehaviourForm(forms.Form):
    """What Muster does by itself for a maintenance; customers read none of it."""

    remind_before_s = forms.TypedChoiceField(
        label=gettext_lazy("Remind subscribers"), choices=REMINDERS, required=False, coerce=int, empty_value=None
    )
    auto_start = forms.BooleanField(
        label=gettext_lazy("Begin by itself"),
        required=False,
        help_text=gettext_lazy("The maintenance and its components change their state on time."),
    )
    auto_end = forms.BooleanField(label=gettext_lazy("End by itself"), required=False)
    mutes_alerts = forms.BooleanField(
        label=gettext_lazy("Keep alerts of its services quiet meanwhile"),
        required=False,
        help_text=gettext_lazy("They are recorded. Those still open at the end page as usual."),
    )

    def __init__(self, *args: Any, public: PublicIncident | None = None, **kwargs: Any) -> None:
        if public is not None:
            kwargs["initial"] = {name: getattr(public, name) for name in BEHAVIOUR}
        super().__init__(*args, **kwargs)
        seconds = public.remind_before_s if public is not None else None
        if seconds is not None and str(seconds) not in dict(REMINDERS):
            hours = _("{hours} hours before").format(hours=f"{seconds / 3600:g}")
            self.fields["remind_before_s"].choices = [*REMINDERS, (str(seconds), hours)]  # type: ignore[attr-defined]


BEHAVIOUR: Final = ("remind_before_s", "auto_start", "auto_end", "mutes_alerts")


class MaintenanceForm(DraftForm):
    """A maintenance to announce: times, texts, and what each component will be while it runs."""

    scheduled_for = TimesForm.base_fields["scheduled_for"]
    scheduled_until = TimesForm.base_fields["scheduled_until"]

    def __init__(
        self,
        data: Any = None,
        *,
        page: StatusPage,
        named: bool,
        statuses: Mapping[str, str],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, page=page, stages=["scheduled"], named=named, statuses=statuses, initial=initial)
        for name in ("stage", "promise", "impact_override"):
            self.fields.pop(name, None)
        zone = timezone.get_current_timezone_name()
        self.fields["scheduled_for"].help_text = _("In your time zone, {zone}.").format(zone=zone)

    def times(self) -> tuple[datetime, datetime]:
        """Return from when to when. Only of a valid form."""
        return self.cleaned_data["scheduled_for"], self.cleaned_data["scheduled_until"]

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning, and a maintenance that touches nothing."""
        given = super().clean() or self.cleaned_data
        begins, ends = given.get("scheduled_for"), given.get("scheduled_until")
        if begins and ends and ends <= begins:
            self.add_error("scheduled_until", _("It has to end after it begins."))
        if not any(given.get(f"component_{each.pk}") for each in self.components):
            raise ValidationError(_("Choose what at least one component will be meanwhile."))
        return given


class WordForm(forms.Form):
    """What customers read about a change of plan, in each language of the page."""

    deliver = forms.BooleanField(label=gettext_lazy("Tell the subscribers"), required=False, initial=True)

    def __init__(self, *args: Any, page: StatusPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [page.language, *(code for code in page.languages if code != page.language)]
        for code in self.codes:
            main = code == page.language
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("What customers read")
                if main
                else _("Text in {language}").format(language=LANGUAGES.get(code, code)),
                required=main,
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 4, "lang": code}),
            )
        self.order_fields([f"text_{code}" for code in self.codes])

    def texts(self) -> dict[str, str]:
        """Return what was written by language. Only of a valid form."""
        return {code: self.cleaned_data[f"text_{code}"] for code in self.codes}


class MoveForm(TimesForm, WordForm):
    """Other times for a maintenance, and what customers read about it."""
