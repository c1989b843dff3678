"""What people type to describe a system."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from resets.describing import LONGEST, blank, written
from resets.models import System


class SystemForm(forms.Form):
    """A system of a given kind. Its key is chosen once."""

    name = forms.CharField(label=_("Name"), max_length=100)
    key = forms.SlugField(
        label=_("Key"), max_length=60, help_text=_("Plans call it by this. It stays for good: small letters, hyphens.")
    )
    settings = forms.CharField(
        label=_("Settings"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "fields"}),
        help_text=_("YAML. Passwords and keys stand here by the name of a secret, never themselves."),
    )
    rate = forms.IntegerField(
        label=_("Accounts a second and host"), required=False, min_value=1, help_text=_("Empty: as fast as it goes.")
    )
    at_once = forms.IntegerField(label=_("Chunks at a time on one host"), min_value=1, max_value=64, initial=2)
    drill = forms.BooleanField(
        label=_("For drills"), required=False, help_text=_("Drills work on such systems and on no other.")
    )
    trusts_mail = forms.BooleanField(
        label=_("Trust mail addresses of unknown age"),
        required=False,
        initial=True,
        help_text=_("Off: where nobody knows when an address was changed, its owner needs a code from support too."),
    )

    def __init__(self, data: Any = None, *, kind: str, system: System | None) -> None:
        initial: dict[str, Any] = {"settings": blank(kind)}
        if system is not None:
            names = ("name", "rate", "at_once", "drill", "trusts_mail")
            initial = {name: getattr(system, name) for name in names}
            initial["settings"] = written(system.settings)
        super().__init__(data, initial=initial)
        if system is not None:
            del self.fields["key"]
