"""What people type in calm times: prepared texts, and how updates come about for each severity."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.models import IncidentType
from statuspage.models import PublishingPolicy, Stage, UpdateTemplate
from statuspage.operations.checking import LONGEST_NAME, LONGEST_TEXT
from statuspage.rules.languages import LANGUAGES
from web.fields import MinutesField


class TemplateForm(forms.Form):
    """A prepared text in each language; the wording's own fields are named after it."""

    label = forms.CharField(
        label=gettext_lazy("What is it for?"), max_length=100, help_text=gettext_lazy("Only staff read this.")
    )
    incident_type = forms.ChoiceField(
        label=gettext_lazy("Kind of incident"),
        required=False,
        choices=[("", gettext_lazy("Any")), *IncidentType.choices],
    )
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Stage.choices)

    def __init__(self, *args: Any, template: UpdateTemplate | None = None, **kwargs: Any) -> None:
        if template is not None:
            kwargs["initial"] = {
                "label": template.label,
                "incident_type": template.incident_type,
                "stage": template.stage,
                **{f"name_{code}": name for code, name in template.names.items()},
                **{f"text_{code}": text for code, text in template.texts.items()},
            }
        super().__init__(*args, **kwargs)
        for code, language in LANGUAGES.items():
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name in {language}").format(language=language), max_length=LONGEST_NAME, required=False
            )
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Text in {language}").format(language=language),
                max_length=LONGEST_TEXT,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4, "lang": code}),
            )

    @property
    def wordings(self) -> list[tuple[str, str, forms.BoundField, forms.BoundField]]:
        """Each language: code, its name, the fields of name and text."""
        return [(code, word, self[f"name_{code}"], self[f"text_{code}"]) for code, word in LANGUAGES.items()]

    def given(self) -> dict[str, Any]:
        """Return what was typed as the operation takes it. Only of a valid form."""
        typed = self.cleaned_data
        return {
            **{name: typed[name] for name in ("label", "incident_type", "stage")},
            "names": {code: typed[f"name_{code}"] for code in LANGUAGES},
            "texts": {code: typed[f"text_{code}"] for code in LANGUAGES},
        }


class PublishingPolicyForm(forms.Form):
    """Who must agree before customers read something, and when Muster speaks by itself."""

    approvals = forms.TypedChoiceField(
        label=gettext_lazy("Who must agree"),
        coerce=int,
        choices=[
            (1, gettext_lazy("A second person, always")),
            (0, gettext_lazy("Nobody: whoever may publish does so alone")),
        ],
        widget=forms.RadioSelect,
    )
    promise_s = MinutesField(
        label=gettext_lazy("Promise the next update within minutes"),
        least_s=60,
        help_text=gettext_lazy("What a draft suggests; 20 to 30 minutes keep customers from asking support."),
    )
    holds_s = MinutesField(
        label=gettext_lazy("Say “we are looking into it” after minutes of silence"),
        required=False,
        least_s=60,
        help_text=gettext_lazy(
            "Muster says so by itself when an incident hits a shown component and customers have heard nothing. "
            "Never about a private incident. Empty: never."
        ),
    )

    def __init__(self, *args: Any, policy: PublishingPolicy, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(policy, name) for name in ("approvals", "promise_s", "holds_s")}
        super().__init__(*args, **kwargs)
