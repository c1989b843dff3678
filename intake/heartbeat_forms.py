"""What administrators type about heartbeats."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from incidents.models import Service
from intake.models import Alert, Heartbeat
from intake.operations.change_heartbeat import HeartbeatDraft
from intake.rules.heartbeats import LONGEST_CRON
from intake.rules.heartbeats_given import LONGEST_NAME
from intake.rules.spans import read_span, write_span
from people.forms import zone_choices

PERIOD: Final = "period"
CRON: Final = "cron"


class SpanField(forms.Field):
    """A length of time such as "5 min"; in Python seconds, None where nothing was typed."""

    def to_python(self, value: Any) -> int | None:
        """Read what was typed."""
        text = str(value or "").strip()
        if not text:
            return None
        seconds = read_span(text)
        if seconds is None:
            raise ValidationError(_("Write a length of time such as “30 s”, “5 min” or “1 h 30 min”."))
        return seconds

    def prepare_value(self, value: Any) -> Any:
        """Write seconds as people do; what they typed stays as it is."""
        return write_span(value) if isinstance(value, int) else value


class HeartbeatForm(forms.Form):
    """A job that must report: when, and what its silence means."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("Of the job, such as “Nightly backup”. Alerts begin with it."),
    )
    by = forms.ChoiceField(
        label=_("It reports"),
        choices=((PERIOD, _("again and again, after the same time")), (CRON, _("at times of day, as cron starts it"))),
        widget=forms.RadioSelect,
        initial=PERIOD,
    )
    period_s = SpanField(label=_("Every"), required=False, initial=3600, help_text=_("Such as “5 min” or “1 d”."))
    cron = forms.CharField(
        label=_("Cron expression"),
        required=False,
        max_length=LONGEST_CRON,
        help_text=_("Minute, hour, day of the month, month, weekday: “0 6 * * *” is every day at 06:00."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), initial="UTC", help_text=_("Of the cron expression, and of the times in its alerts.")
    )
    grace_s = SpanField(
        label=_("Grace"), initial=300, help_text=_("It is late when it has not reported so long after it should have.")
    )
    max_run_s = SpanField(
        label=_("A run may take"),
        required=False,
        help_text=_(
            "For jobs that also report their start: then the start is in time, and the end is waited for so long."
        ),
    )
    service = forms.ModelChoiceField(
        label=_("Its alert is about"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=_("No service"),
        help_text=_("Whose policy is paged, unless a routing rule says otherwise."),
    )
    severity = forms.ChoiceField(
        label=_("Severity of its alert"), choices=Alert.Severity.choices, initial=Alert.Severity.ERROR
    )

    def __init__(self, *args: Any, heartbeat: Heartbeat | None = None, **kwargs: Any) -> None:
        if heartbeat is not None:
            names = ("name", "period_s", "cron", "time_zone", "grace_s", "max_run_s", "severity")
            kwargs["initial"] = {name: getattr(heartbeat, name) for name in names}
            kwargs["initial"] |= {"by": CRON if heartbeat.cron else PERIOD, "service": heartbeat.service}
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.all()  # type: ignore[attr-defined]
        zones = zone_choices()
        if heartbeat is not None and heartbeat.time_zone not in dict(zones):
            zones.insert(0, (heartbeat.time_zone, heartbeat.time_zone))  # made by the API, which takes more names
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen rhythm needs, beside its own field."""
        given = super().clean() or {}
        if given.get("by") == PERIOD and given.get("period_s") is None and "period_s" not in self.errors:
            self.add_error("period_s", _("Write how often it reports, such as “5 min”."))
        if given.get("by") == CRON and not given.get("cron") and "cron" not in self.errors:
            self.add_error("cron", _("Write when it reports, such as “0 6 * * *”."))
        return given

    def draft(self) -> HeartbeatDraft:
        """Return what was typed; of period and cron what was chosen. Only after it is valid."""
        given = dict(self.cleaned_data)
        chosen = given.pop("by")
        given["period_s"] = given["period_s"] if chosen == PERIOD else None
        given["cron"] = given["cron"] if chosen == CRON else ""
        return HeartbeatDraft(**given)
