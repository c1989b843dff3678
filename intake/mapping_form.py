"""What administrators type about a webhook's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.rules.mapping import PATTERN_LENGTH, PATTERNS, WORDS, WebhookMapping

SAMPLE_LENGTH: Final = 64 * 1024
WORDS_LENGTH: Final = 2000
_AS_TYPED: Final = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _pattern(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs=_AS_TYPED)
    return forms.CharField(label=label, max_length=PATTERN_LENGTH, required=False, widget=widget, help_text=help_text)


def _words(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs=_AS_TYPED)
    return forms.CharField(label=label, max_length=WORDS_LENGTH, required=False, widget=widget, help_text=help_text)


class MappingForm(forms.Form):
    """Where in a body what stands, and a body to try it on."""

    sample = forms.CharField(
        label=_("A body to try it on"),
        required=False,
        max_length=SAMPLE_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={**_AS_TYPED, "rows": 10}),
        help_text=_("Paste what the tool sends. It is not saved, and opens nothing."),
    )
    summary = _pattern(
        _("What is wrong"), _("A path such as check.name, or a text with paths in braces: {host}: {check.output}")
    )
    dedup_key = _pattern(_("Dedup key"), _("What is the same while the trouble lasts, also in the message of its end."))
    state = _pattern(_("State"), _("What tells trouble from its end."))
    resolved_words = _words(
        _("States that mean it is over"), _("Separated by commas; ok, resolved, closed, recovered, up are known.")
    )
    acknowledged_words = _words(_("States that mean somebody is on it"), _("acknowledged and ack are known."))
    ignored_words = _words(_("States to be kept only"), _("Such as pending: nothing is opened and nobody is called."))
    severity = _pattern(_("Severity"))
    severity_words = _words(
        _("The tool's words for severities"),
        _("Such as 5=critical, 4=error. What nobody knows is an error, so that somebody looks."),
    )
    source = _pattern(_("Source"), _("The machine or check that it is about."))
    service = _pattern(_("Service"), _("Its key or its name here. The service of this integration goes first."))
    link = _pattern(_("Link"))
    each = _pattern(_("List of events"), _("The path of the list, where one body holds several events: alerts"))

    def __init__(self, data: Mapping[str, Any] | None, *, mapping: WebhookMapping, sample: str = "") -> None:
        super().__init__(data, initial={**_typed(mapping), "sample": sample})

    def as_mapping(self) -> WebhookMapping:
        """Return what was typed. Only after it is valid."""
        given = self.cleaned_data
        found: dict[str, Any] = {name: given[name] for name in (*PATTERNS, "each")}
        found |= {name: tuple(word.lower() for word in _split(given[name])) for name in WORDS}
        pairs = (word.partition("=") for word in _split(given["severity_words"]))
        severities = {word.strip().lower(): severity.strip().lower() for word, _equals, severity in pairs}
        return WebhookMapping(**found, severity_words=severities)


def _split(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _typed(mapping: WebhookMapping) -> dict[str, str]:
    """Return a mapping as somebody would type it."""
    typed = {name: getattr(mapping, name) for name in (*PATTERNS, "each")}
    typed |= {name: ", ".join(getattr(mapping, name)) for name in WORDS}
    typed["severity_words"] = ", ".join(
        f"{word}={severity}" for word, severity in sorted(mapping.severity_words.items())
    )
    return typed
