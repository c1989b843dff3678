"""What administrators type about secrets and inventories."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from eap.models import Inventory, Secret


class SecretForm(forms.Form):
    """A secret: its value, or where it is read from. A stored value is never shown again."""

    name = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,59}$",
        label=_("Name"),
        help_text=_("What plans call it: {secrets.name}. Small letters, digits and _."),
    )
    kind = forms.ChoiceField(
        label=_("Kept"), choices=Secret.Kind.choices, widget=forms.RadioSelect, initial=Secret.Kind.STORED
    )
    value = forms.CharField(
        label=_("Value"),
        required=False,
        strip=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Encrypted at once and never shown again. Empty keeps what is stored."),
    )
    reference = forms.CharField(
        label=_("File or variable"),
        required=False,
        max_length=200,
        help_text=_("A file of ACTION_SECRETS_DIR, or a variable that starts with MUSTER_SECRET_."),
    )
    purpose = forms.CharField(label=_("What it is for"), required=False, max_length=200)

    def __init__(self, *args: Any, secret: Secret | None = None, **kwargs: Any) -> None:
        if secret is not None:
            shown = {"name": secret.name, "kind": secret.kind, "reference": secret.reference, "purpose": secret.purpose}
            kwargs["initial"] = shown
        super().__init__(*args, **kwargs)
        if secret is not None:
            self.fields["name"].disabled = True


class InventoryForm(forms.Form):
    """An inventory and where its hosts come from."""

    name = forms.RegexField(r"^[a-z][a-z0-9-]{0,59}$", label=_("Name"), help_text=_("Small letters, digits and -."))
    source = forms.ChoiceField(
        label=_("Hosts come from"),
        choices=Inventory.Source.choices,
        widget=forms.RadioSelect,
        initial=Inventory.Source.FILE,
    )
    url = forms.URLField(
        label=_("Address"), required=False, max_length=500, assume_scheme="https", help_text=_("For hosts by HTTP.")
    )
    token = forms.CharField(
        label=_("Token"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Sent as “Authorization: Bearer”. Empty keeps what is stored."),
    )

    def __init__(self, *args: Any, inventory: Inventory | None = None, **kwargs: Any) -> None:
        if inventory is not None:
            kwargs["initial"] = {"name": inventory.name, "source": inventory.source, "url": inventory.url}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """An inventory by HTTP needs its address."""
        given = super().clean() or {}
        if given.get("source") == Inventory.Source.HTTP and not given.get("url"):
            self.add_error("url", _("Give the address to fetch the hosts from."))
        return given


class HostsFileForm(forms.Form):
    """A file of hosts."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV (name, address, groups, drill, …), YAML, JSON, or an Ansible inventory.")
    )
