"""What people type about escalation policies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.models import EscalationPolicy
from notifications.operations.change_policy import SHORTEST_LEVEL_S, LevelDraft, PolicyDraft
from notifications.queries import freeze
from people.forms import people_choices
from people.models import Schedule, Team, Tier
from web.fields import Choices, ChoicesInOrder, MinutesField


def target_choices() -> Choices:
    """Return whom a level can reach, grouped: schedules, teams, tiers, people."""
    groups: list[tuple[Any, list[tuple[str, str]]]] = [
        (_("Whoever is on call in"), [(f"schedule:{one.pk}", one.name) for one in Schedule.objects.all()]),
        (_("Everybody in the team"), [(f"team:{one.pk}", one.name) for one in Team.objects.all()]),
        (_("Everybody in the tier"), [(f"tier:{one.pk}", one.name) for one in Tier.objects.all()]),
        (_("People"), [(f"person:{pk}", label) for pk, label in people_choices()]),
    ]
    return [(label, choices) for label, choices in groups if choices]


class PolicyForm(forms.Form):
    """What a policy is called and how it goes on; its levels are forms of their own."""

    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(label=_("What is it for?"), max_length=300, required=False)
    rounds = forms.IntegerField(
        label=_("Rounds"), min_value=1, max_value=20, initial=3, help_text=_("How often all levels are gone through.")
    )
    required_acknowledgements = forms.IntegerField(
        label=_("How many must acknowledge"), min_value=1, max_value=20, initial=1
    )
    remind_after_s = MinutesField(
        label=_("Remind after minutes of silence"),
        required=False,
        least_s=60,
        help_text=_("Counted from the acknowledgement. Empty: never."),
    )
    repage_after_s = MinutesField(
        label=_("Call again after further minutes"),
        required=False,
        least_s=60,
        help_text=_("When the reminder brings nothing either. Empty: never."),
    )

    def __init__(self, *args: Any, policy: EscalationPolicy | None = None, **kwargs: Any) -> None:
        if policy is not None:
            kwargs["initial"] = {name: getattr(policy, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)


class LevelForm(forms.Form):
    """One level: whom it calls and how long they have. Without anybody it is left out."""

    delay_s = MinutesField(
        label=_("Minutes until the next level"), initial=300, least_s=SHORTEST_LEVEL_S, most_s=24 * 3600
    )

    def __init__(self, *args: Any, choices: Choices = (), number: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        self.fields["targets"] = ChoicesInOrder(label=_("Calls"), choices=choices, required=False, free_places=1)
        self.order_fields(["targets", "delay_s"])


class LevelForms:
    """The levels of a policy as forms: those that are there and one empty place; clearing one removes its level."""

    def __init__(self, data: Any = None, *, policy: EscalationPolicy | None = None) -> None:
        choices = target_choices()
        if data is not None:
            count = min(int(data.get("levels", "0") or 0) if str(data.get("levels", "0")).isdecimal() else 0, 50)
            self.forms = [self._form(place, choices, data=data) for place in range(count)]
        else:
            levels = freeze(policy).levels if policy is not None else ()
            initial = [
                {"delay_s": level.delay_s, "targets": [f"{one.kind}:{one.id}" for one in level.targets]}
                for level in levels
            ]
            self.forms = [self._form(place, choices, initial=each) for place, each in enumerate([*initial, None])]

    def _form(self, place: int, choices: Choices, data: Any = None, initial: Any = None) -> LevelForm:
        return LevelForm(data, prefix=f"level-{place}", choices=choices, number=place + 1, initial=initial)

    def add_place(self) -> None:
        """Offer one more level, unless the last one is still empty."""
        if not self.forms or self.forms[-1]["targets"].value():
            self.forms.append(self._form(len(self.forms), target_choices()))

    def is_valid(self) -> bool:
        """Tell whether every level that calls somebody can be read; those that call nobody don't count."""
        return all(form.is_valid() for form in self.forms if form["targets"].value())

    def drafts(self) -> list[LevelDraft]:
        """Return the levels that call somebody. Only after `is_valid`."""
        return [
            LevelDraft(delay_s=form.cleaned_data["delay_s"], targets=form.cleaned_data["targets"])
            for form in self.forms
            if form["targets"].value()
        ]


def draft_of(form: PolicyForm, levels: LevelForms) -> PolicyDraft:
    """Return what was typed as a draft. Only after both are valid."""
    return PolicyDraft(levels=levels.drafts(), **form.cleaned_data)
