"""What people type on a reset's pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from resets.models import System
from resets.operations.exclude import Spared
from web.errors import BadInput

SHOWN_ERRORS: Final = 10


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )


class FactorForm(forms.Form):
    """The code of a second factor; empty where the session has just seen one."""

    code = forms.CharField(
        label=gettext_lazy("Code of your second factor"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Leave it empty if you showed one within the last five minutes."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class SupportCodeForm(forms.Form):
    """How support made sure whose account it is."""

    reason = forms.CharField(
        label=gettext_lazy("How you made sure that this is the owner"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("“Called back on the number in the contract”, say. Never by the mail address on file."),
    )


class SpareForm(forms.Form):
    """Accounts to be left alone: a line each."""

    lines = forms.CharField(
        label=gettext_lazy("Accounts to be left alone"),
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("A line each: login, reason. With several systems: system, login, reason."),
    )


def read_spared(text: str, systems: Mapping[str, System]) -> list[Spared]:
    """Return the accounts of a list, CSV with commas, semicolons or tabs; a first line of headings is passed over.

    Raises `BadInput` naming the lines that can't be read; then nothing is taken.
    """
    found, wrong = [], []
    only = next(iter(systems.values())) if len(systems) == 1 else None
    for number, cells in enumerate(csv.reader(io.StringIO(_commas(text))), start=1):
        fields = [cell.strip() for cell in cells]
        if not any(fields) or (number == 1 and fields[-1].lower() in ("reason", "why")):
            continue
        if len(fields) == 2 and only is not None:
            fields = [only.key, *fields]
        if len(fields) != 3:
            wrong.append(_("Line %(line)d: three fields are needed: system, login, reason.") % {"line": number})
        elif fields[0] not in systems:
            wrong.append(
                _("Line %(line)d: this reset does not cover a system “%(key)s”.")
                % {"line": number, "key": fields[0][:60]}
            )
        elif not (fields[1] and fields[2]):
            wrong.append(_("Line %(line)d: login and reason are both needed.") % {"line": number})
        else:
            found.append(Spared(system=systems[fields[0]], login=fields[1], reason=fields[2]))
    if wrong:
        sentence = " ".join(wrong[:SHOWN_ERRORS])
        raise BadInput(sentence, errors={"lines": sentence})
    return found


def _commas(text: str) -> str:
    """Return a list with commas, whichever of comma, semicolon and tab its first line uses."""
    first = text.lstrip().partition("\n")[0]
    for mark in ("\t", ";"):
        if mark in first and "," not in first:
            return "\n".join(",".join(_quoted(cell) for cell in line.split(mark)) for line in text.splitlines())
    return text


def _quoted(cell: str) -> str:
    return '"' + cell.strip().strip('"').replace('"', '""') + '"'
