"""What administrators type about routing rules and integration keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms import severity_choices
from incidents.models import IncidentType, Service
from intake.models import IntegrationKey, RoutingRule
from intake.operations.change_rule import RuleDraft

OPERATORS: Final = (
    ("equals", _("is")),
    ("not_equals", _("is not")),
    ("one_of", _("is one of (separated by commas)")),
    ("contains", _("contains")),
    ("starts_with", _("starts with")),
    ("matches", _("matches the pattern")),
    ("at_least", _("is at least (severities)")),
)
FREE_CONDITIONS: Final = 2
MOST_CONDITIONS: Final = 30
RECEIVED: Final = (
    IntegrationKey.Kind.EVENTS_V2,
    IntegrationKey.Kind.ALERTMANAGER,
    IntegrationKey.Kind.GRAFANA,
    IntegrationKey.Kind.WEBHOOK,
)
"""The kinds whose keys people make here; a heartbeat makes its own."""


class RuleForm(forms.Form):
    """What a rule does; its conditions are forms of their own."""

    name = forms.CharField(label=_("Name"), max_length=100)
    action = forms.ChoiceField(
        label=_("Then"), choices=RoutingRule.Action.choices, widget=forms.RadioSelect, initial="incident"
    )
    incident_severity = forms.ChoiceField(label=_("With severity"), initial="3")
    incident_type = forms.ChoiceField(label=_("Of the kind"), choices=IncidentType.choices, initial=IncidentType.OTHER)
    service = forms.ModelChoiceField(
        label=_("About the service"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=_("The alert's own"),
    )
    on_all_resolved = forms.ChoiceField(
        label=_("When all its alerts are resolved"),
        required=False,
        choices=[("", _("Suggest for SEV1 and SEV2, resolve below")), *RoutingRule.Ending.choices],
    )
    storm_alerts = forms.IntegerField(
        label=_("Storm: more than so many alerts"), min_value=1, max_value=100_000, initial=20
    )
    storm_seconds = forms.IntegerField(
        label=_("within so many seconds are one incident"), min_value=5, max_value=86_400, initial=60
    )

    def __init__(self, *args: Any, rule: RoutingRule | None = None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs["initial"] = {name: getattr(rule, name) for name in self.base_fields}
            kwargs["initial"] |= {"incident_severity": str(rule.incident_severity), "service": rule.service_id}
        super().__init__(*args, **kwargs)
        self.fields["incident_severity"].choices = severity_choices()  # type: ignore[attr-defined]
        self.fields["service"].queryset = Service.objects.all()  # type: ignore[attr-defined]


class ConditionForm(forms.Form):
    """One condition; without a field it is left out."""

    fact = forms.CharField(
        label=_("Field"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"list": "facts", "autocomplete": "off", "autocapitalize": "none"}),
    )
    operator = forms.ChoiceField(label=_("Comparison"), choices=OPERATORS, required=False)
    value = forms.CharField(label=_("Value"), max_length=500, required=False)

    def as_condition(self) -> dict[str, Any] | None:
        """Return the condition as rules keep it; None for an empty row."""
        given = self.cleaned_data
        if not given["fact"]:
            return None
        value: Any = given["value"]
        if given["operator"] == "one_of":
            value = [part.strip() for part in value.split(",") if part.strip()]
        return {"field": given["fact"], "is": given["operator"] or "equals", "value": value}


def condition_forms(rule: RoutingRule | None, data: Mapping[str, Any] | None = None) -> list[ConditionForm]:
    """Return the conditions as forms, with empty ones behind them."""
    if data is not None:
        given = str(data.get("conditions", ""))
        count = min(int(given), MOST_CONDITIONS) if given.isascii() and given.isdigit() and len(given) < 4 else 0
        return [ConditionForm(data, prefix=f"condition-{place}") for place in range(count)]
    initial = [_typed(condition) for condition in (rule.conditions if rule else [])]
    return [
        ConditionForm(prefix=f"condition-{place}", initial=each)
        for place, each in enumerate([*initial, *[None] * FREE_CONDITIONS])
    ]


def _typed(condition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a condition as somebody would type it."""
    value = condition.get("value", "")
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else value
    return {"fact": condition.get("field", ""), "operator": condition.get("is", "equals"), "value": text}


def rule_draft(form: RuleForm, conditions: list[ConditionForm]) -> RuleDraft:
    """Return what was typed as a draft. Only after all are valid."""
    given = dict(form.cleaned_data)
    found = [each.as_condition() for each in conditions]
    return RuleDraft(
        conditions=[each for each in found if each is not None],
        incident_severity=int(given.pop("incident_severity")),
        **given,
    )


class KeyForm(forms.Form):
    """Which tool gets a key."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Of the tool and its place, such as “Prometheus, hall 2”.")
    )
    kind = forms.ChoiceField(
        label=_("How it speaks"),
        choices=[(kind.value, kind.label) for kind in RECEIVED],
        widget=forms.RadioSelect,
        initial=IntegrationKey.Kind.EVENTS_V2,
    )
    service = forms.ModelChoiceField(
        label=_("Its alerts are about"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=_("The service that each alert names"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.all()  # type: ignore[attr-defined]
