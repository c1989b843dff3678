"""What people type about a notice: a subject and a text in each language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from resets.models import Notice
from resets.notices.texts import LONGEST_BODY, LONGEST_SUBJECT, PAGE, Texts, digest_of
from statuspage.rules.languages import LANGUAGES

ROWS: Final = 12


class NoticeForm(forms.Form):
    """The texts of a notice; a language whose subject and text are both left empty is left out.

    `read` is the digest of the texts that the form was drawn with: who saves words over another's has seen them.
    """

    read = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    language = forms.ChoiceField(label=_("For those whose language nobody knows"), choices=list(LANGUAGES.items()))

    def __init__(self, data: Mapping[str, Any] | None, *, notice: Notice) -> None:
        read = digest_of(notice.texts, language=notice.language)
        super().__init__(data, initial={"read": read, "language": notice.language})
        for code in LANGUAGES:
            text = notice.texts.get(code, {})
            self.fields[f"{code}.subject"] = forms.CharField(
                label=_("Subject"), initial=text.get("subject", ""), max_length=LONGEST_SUBJECT, required=False
            )
            self.fields[f"{code}.body"] = forms.CharField(
                label=_("Text"),
                initial=text.get("body", ""),
                max_length=LONGEST_BODY,
                required=False,
                widget=forms.Textarea(attrs={"rows": ROWS, "lang": code}),
                help_text=_("It names the page by %(page)s and holds no link.") % {"page": PAGE},
            )

    def languages(self) -> Iterator[tuple[str, BoundField, BoundField]]:
        """Return each language's name and fields."""
        for code, name in LANGUAGES.items():
            yield name, self[f"{code}.subject"], self[f"{code}.body"]

    def texts(self) -> Texts:
        """Return what was typed. Only after it is valid."""
        given = self.cleaned_data
        found = {code: {part: given[f"{code}.{part}"] for part in ("subject", "body")} for code in LANGUAGES}
        return {code: text for code, text in found.items() if any(text.values())}
