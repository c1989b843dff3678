"""What people type when they tell customers something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage.models import Component, ComponentStatus, Impact, Server, Stage, StatusPage
from statuspage.operations.checking import LONGEST_NAME, LONGEST_TEXT
from statuspage.rules.languages import LANGUAGES

PROMISES: Final = (900, 1200, 1800, 3600, 7200, 14_400)
"""Seconds until the next update; what PagerDuty's guide asks of the first two hours (20 min) among them."""
KEEP: Final = "keep"
MOST_UNKNOWN: Final = 5
FEW: Final = 12
"""So many components are all shown at once; more are folded by group until an incident suggests some."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One component on the form: its field, and why it is offered among the first."""

    component: Component
    field: forms.BoundField
    suggested: bool


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is written in one language; `name` is None where the public name is settled already."""

    code: str
    label: str
    main: bool
    name: forms.BoundField | None
    text: forms.BoundField


class DraftForm(forms.Form):
    """An update: a stage, what customers read in each language, what is said of each component, what is promised.

    `named` also asks for the public name, which is settled with the first published update. `statuses` is what is said
    of components so far; `suggested` the states that the incident's services suggest.
    """

    stage = forms.ChoiceField(label=gettext_lazy("Stage"))
    promise = forms.ChoiceField(
        label=gettext_lazy("Promise the next update"),
        required=False,
        help_text=gettext_lazy("Customers read the time. Never promise when it will be over."),
    )
    deliver = forms.BooleanField(
        label=gettext_lazy("Tell the subscribers"),
        required=False,
        help_text=gettext_lazy("By mail, SMS and webhook. Without it only the page changes."),
    )
    impact_override = forms.ChoiceField(
        label=gettext_lazy("How bad it is for customers"),
        required=False,
        choices=[("", gettext_lazy("As the components say")), *[c for c in Impact.choices if c[0] != "maintenance"]],
    )
    servers = forms.CharField(
        label=gettext_lazy("Only these servers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=gettext_lazy("One name a line. Empty: every server of the components is hit."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        page: StatusPage,
        stages: Sequence[str],
        named: bool,
        statuses: Mapping[str, str],
        suggested: Mapping[str, str] | None = None,
        promised_at: datetime | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        suggested = dict(suggested or {})
        said = {**suggested, **statuses}
        filled = {**{f"component_{pk}": status for pk, status in said.items()}, **(initial or {})}
        super().__init__(data, initial=filled)
        self.page, self.named, self._suggested, self._statuses = page, named, suggested, dict(statuses)
        self._promised_at = promised_at
        self.components = list(
            Component.objects.filter(page=page, archived_at=None).select_related("group").order_by("position", "name")
        )
        self.codes = [page.language, *(code for code in page.languages if code != page.language)]
        self.fields["stage"].choices = [(value, Stage(value).label) for value in stages]  # type: ignore[attr-defined]
        self.fields["promise"].choices = self._promises()  # type: ignore[attr-defined]
        self._add_wordings()
        self._add_components()
        if not named:
            del self.fields["servers"], self.fields["impact_override"]

    def _promises(self) -> list[tuple[str, str]]:
        times = [(str(seconds), _in_words(seconds)) for seconds in PROMISES]
        kept = [(KEEP, _("At the time promised so far"))] if self._promised_at else []
        return [*kept, *times, ("", _("Promise nothing"))]

    def _add_wordings(self) -> None:
        for code in self.codes:
            main, language = code == self.page.language, LANGUAGES.get(code, code)
            if self.named:
                self.fields[f"name_{code}"] = forms.CharField(
                    label=_("Name") if main else _("Name in {language}").format(language=language),
                    max_length=LONGEST_NAME,
                    required=main,
                    help_text=_("What customers call it; it stays the same until the end.") if main else "",
                )
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("What customers read") if main else _("Text in {language}").format(language=language),
                max_length=LONGEST_TEXT,
                required=main,
                widget=forms.Textarea(attrs={"rows": 5, "lang": code}),
                help_text=_("Plain text; an empty line begins a paragraph.") if main else "",
            )

    def _add_components(self) -> None:
        blank = _("Not hit") if not self._statuses else _("No change")
        for component in self.components:
            self.fields[f"component_{component.pk}"] = forms.ChoiceField(
                label=component.name, required=False, choices=[("", blank), *ComponentStatus.choices]
            )

    def clean_servers(self) -> list[int]:
        """Return the ids of the servers named; say which names nobody knows."""
        names = [name for name in dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["servers"])) if name]
        known = dict(Server.objects.filter(page=self.page, archived_at=None, name__in=names).values_list("name", "pk"))
        unknown = [name for name in names if name not in known]
        if unknown:
            listed = ", ".join(unknown[:MOST_UNKNOWN]) + (" …" if len(unknown) > MOST_UNKNOWN else "")
            raise ValidationError(_("There is no such server: {names}.").format(names=listed))
        return [known[name] for name in names]

    @property
    def wordings(self) -> list[Wording]:
        """What is written, the page's own language first."""
        return [
            Wording(
                code=code,
                label=LANGUAGES.get(code, code),
                main=code == self.page.language,
                name=self[f"name_{code}"] if self.named else None,
                text=self[f"text_{code}"],
            )
            for code in self.codes
        ]

    @property
    def near(self) -> list[Row]:
        """The components that the draft speaks of, or should."""
        return [row for row in self._rows() if self._is_near(row.component)]

    @property
    def others(self) -> list[tuple[str, list[Row]]]:
        """All other components by group, as they stand on the page."""
        groups: dict[str, list[Row]] = {}
        for row in self._rows():
            if not self._is_near(row.component):
                groups.setdefault(row.component.group.name if row.component.group else "", []).append(row)
        return list(groups.items())

    def _rows(self) -> Iterable[Row]:
        return (
            Row(component=each, field=self[f"component_{each.pk}"], suggested=each.pk in self._suggested)
            for each in self.components
        )

    def _is_near(self, component: Component) -> bool:
        if not self._suggested and not self._statuses:
            return len(self.components) <= FEW
        return component.pk in self._suggested or component.pk in self._statuses

    def texts(self) -> dict[str, str]:
        """Return what was written by language. Only of a valid form, like all that follows."""
        return {code: self.cleaned_data[f"text_{code}"] for code in self.codes}

    def names(self) -> dict[str, str]:
        """Return the public names in the further languages."""
        return {code: self.cleaned_data[f"name_{code}"] for code in self.codes[1:]}

    def name(self) -> str:
        """Return the public name in the page's own language."""
        return str(self.cleaned_data[f"name_{self.page.language}"])

    def said(self) -> dict[str, str]:
        """Return the state of each component that the draft speaks of, by its id."""
        found = {each.pk: self.cleaned_data[f"component_{each.pk}"] for each in self.components}
        return {pk: status for pk, status in found.items() if status}

    def next_update_at(self, *, now: datetime) -> datetime | None:
        """Return the time that is promised, None for no promise."""
        chosen = self.cleaned_data["promise"]
        if chosen == KEEP:
            return self._promised_at
        return now + timedelta(seconds=int(chosen)) if chosen else None


def nearest_promise(seconds: int) -> str:
    """Return the choice of the form that comes nearest to what the policy promises."""
    return str(min(PROMISES, key=lambda each: abs(each - seconds)))


def _in_words(seconds: int) -> str:
    minutes = seconds // 60
    if minutes < 60:
        return _("in {minutes} minutes").format(minutes=minutes)
    hours = minutes // 60
    return _("in an hour") if hours == 1 else _("in {hours} hours").format(hours=hours)
