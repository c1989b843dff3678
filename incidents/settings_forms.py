"""What administrators type about services and severities."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Service, SeverityPolicy
from incidents.operations.change_severity_policy import Requirement, SeverityDraft
from notifications.models import EscalationPolicy
from people.models import Team, Tier
from web.fields import MinutesField

POLICY_FIELDS: Final = ("meaning", "high_urgency", "rounds", "remind_after_s", "repage_after_s")


class ServiceForm(forms.Form):
    """What the company runs and who is paged for it."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As customers know it."))
    description = forms.CharField(label=_("What is it?"), max_length=300, required=False)
    policy = forms.ModelChoiceField(
        label=_("Escalation policy"),
        queryset=EscalationPolicy.objects.none(),
        required=False,
        empty_label=_("Nobody is paged"),
        help_text=_("Who is called when something is wrong with it."),
    )
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("No team")
    )

    def __init__(self, *args: Any, service: Service | None = None, **kwargs: Any) -> None:
        if service is not None:
            kwargs["initial"] = {
                "name": service.name,
                "description": service.description,
                "policy": service.policy_id,
                "team": service.team_id,
            }
        super().__init__(*args, **kwargs)
        self.fields["policy"].queryset = EscalationPolicy.objects.all()  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.all()  # type: ignore[attr-defined]


class SeverityPolicyForm(forms.Form):
    """When to choose a severity and how it pages; the tiers it musters are forms of their own."""

    meaning = forms.CharField(
        label=_("When to choose it"), max_length=300, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 300})
    )
    high_urgency = forms.BooleanField(
        label=_("Wakes people"), required=False, help_text=_("High urgency: phones ring at night.")
    )
    rounds = forms.IntegerField(
        label=_("Rounds"), min_value=1, max_value=20, initial=3, help_text=_("How often each tier is called.")
    )
    remind_after_s = MinutesField(
        label=_("Remind after minutes of silence"), required=False, least_s=60, help_text=_("Empty: never.")
    )
    repage_after_s = MinutesField(
        label=_("Call again after further minutes"), required=False, least_s=60, help_text=_("Empty: never.")
    )


class RequirementForm(forms.Form):
    """How many of one tier must confirm, and how soon; zero: the tier is not needed."""

    quorum = forms.IntegerField(label=_("How many must confirm"), min_value=0, max_value=50, initial=0)
    deadline_s = MinutesField(label=_("Within minutes"), initial=300, least_s=30, most_s=24 * 3600)
    succession_s = MinutesField(label=_("Minutes for each stand-in"), initial=180, least_s=30, most_s=24 * 3600)

    def __init__(self, data: Any, *, tier: Tier, initial: dict[str, int] | None) -> None:
        super().__init__(data, prefix=f"tier-{tier.pk}", initial=initial)
        self.tier = tier


def requirement_forms(policy: SeverityPolicy | None, data: Any = None) -> list[RequirementForm]:
    """Return one form for each tier, from the top down, filled with what the severity needs."""
    needs = {need.tier_id: need for need in policy.requirements.all()} if policy is not None else {}
    found = []
    for tier in Tier.objects.all():
        need = needs.get(tier.pk)
        initial = (
            {"quorum": need.quorum, "deadline_s": need.deadline_s, "succession_s": need.succession_s} if need else None
        )
        found.append(RequirementForm(data, tier=tier, initial=initial))
    return found


def severity_draft(form: SeverityPolicyForm, tiers: list[RequirementForm]) -> SeverityDraft:
    """Return what was typed as a draft. Only after all are valid."""
    requirements = [
        Requirement(
            tier=each.tier,
            quorum=each.cleaned_data["quorum"],
            deadline_s=each.cleaned_data["deadline_s"],
            succession_s=each.cleaned_data["succession_s"],
        )
        for each in tiers
        if each.cleaned_data["quorum"]
    ]
    return SeverityDraft(requirements=requirements, **form.cleaned_data)
