"""What people type about components, their groups and figures, and about what their timelines say."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.models import Service
from statuspage.forms_maintenance import MomentField
from statuspage.models import Component, ComponentGroup, ComponentStatus, ImpactChange, Metric, StatusPage
from statuspage.rules.languages import LANGUAGES

AS_STORED: Final = ("name", "description", "showcase", "only_show_if_degraded", "start_date")


class NamedForm(forms.Form):
    """A name as customers know it, in the page's language and in its others."""

    def __init__(self, *args: Any, page: StatusPage, names: dict[str, str] | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {**{f"name_{code}": name for code, name in (names or {}).items()}, **kwargs["initial"]}
        super().__init__(*args, **kwargs)
        self.page = page
        self.further = [code for code in page.languages if code != page.language]
        for code in self.further:
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name in {language}").format(language=LANGUAGES.get(code, code)),
                max_length=100,
                required=False,
                help_text=_("Empty: the same."),
            )

    def given(self) -> dict[str, Any]:
        """Return what was typed as an operation takes it. Only of a valid form."""
        plain = {name: value for name, value in self.cleaned_data.items() if not name.startswith("name_")}
        return {**plain, "names": {code: self.cleaned_data[f"name_{code}"] for code in self.further}}


class GroupForm(NamedForm):
    """A heading over components."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=300, required=False)

    def __init__(self, *args: Any, page: StatusPage, group: ComponentGroup | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": group.name, "description": group.description} if group else {}
        super().__init__(*args, page=page, names=group.names if group else None, **kwargs)


class ComponentForm(NamedForm):
    """What customers know a service as, and the services behind it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("As customers know it."))
    description = forms.CharField(label=gettext_lazy("Description"), max_length=300, required=False)
    group = forms.ModelChoiceField(
        label=gettext_lazy("Group"),
        queryset=ComponentGroup.objects.none(),
        required=False,
        empty_label=gettext_lazy("No group"),
    )
    services = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Services behind it"),
        queryset=Service.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("An incident of one of them suggests that this component is hit."),
    )
    showcase = forms.BooleanField(
        label=gettext_lazy("Show its uptime"), required=False, help_text=gettext_lazy("90 days, one strip.")
    )
    only_show_if_degraded = forms.BooleanField(
        label=gettext_lazy("Show it only when something is wrong with it"), required=False
    )
    start_date = forms.DateField(
        label=gettext_lazy("Uptime counts from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: from the day it was added."),
    )

    def __init__(self, *args: Any, page: StatusPage, component: Component | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"showcase": True, **kwargs.get("initial", {})}
        if component is not None:
            initial = {name: getattr(component, name) for name in AS_STORED}
            initial |= {"group": component.group_id, "services": [each.pk for each in component.services.all()]}
        kwargs["initial"] = initial
        super().__init__(*args, page=page, names=component.names if component else None, **kwargs)
        self.fields["group"].queryset = ComponentGroup.objects.filter(page=page)  # type: ignore[attr-defined]
        self.fields["services"].queryset = Service.objects.all()  # type: ignore[attr-defined]


class StateForm(forms.Form):
    """What state a component is in, said by hand."""

    status = forms.ChoiceField(label=gettext_lazy("State"), choices=ComponentStatus.choices, widget=forms.RadioSelect)


class CorrectionForm(forms.Form):
    """What a timeline should have said, and why it is written down now."""

    status = forms.ChoiceField(label=gettext_lazy("It was"), choices=ComponentStatus.choices)
    at = MomentField(label=gettext_lazy("From"))
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The old row stays readable; the ledger keeps the reason."),
    )

    def __init__(self, *args: Any, change: ImpactChange, **kwargs: Any) -> None:
        kwargs["initial"] = {"status": change.status, "at": change.at}
        super().__init__(*args, **kwargs)


class MetricForm(forms.Form):
    """A figure that the page shows as a chart."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("Such as “Answer time of websites”.")
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"), max_length=20, required=False, help_text=gettext_lazy("Such as ms or %.")
    )
    decimals = forms.IntegerField(label=gettext_lazy("Decimals shown"), min_value=0, max_value=6, initial=0)

    def __init__(self, *args: Any, metric: Metric | None = None, **kwargs: Any) -> None:
        if metric is not None:
            kwargs["initial"] = {"name": metric.name, "unit": metric.unit, "decimals": metric.decimals}
        super().__init__(*args, **kwargs)
