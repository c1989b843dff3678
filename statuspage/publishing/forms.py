"""What administrators type about targets: a form for each kind."""

from __future__ import annotations

import json
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from statuspage.models import Target
from statuspage.publishing.targets.ssh import FOLDER, HOST, HOST_KEY, USER


class TargetForm(forms.Form):
    """What every kind has. `SETTINGS` and `SECRETS` are the names of its own fields; an empty secret stays as it is."""

    SETTINGS: tuple[str, ...] = ()
    SECRETS: tuple[str, ...] = ()

    name = forms.CharField(label=_("Name"), max_length=100)
    public_url = forms.URLField(
        label=_("Where readers find it"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("For your own record, such as https://status.example.com/."),
    )
    enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, target: Target | None = None, **kwargs: Any) -> None:
        if target is not None:
            kwargs["initial"] = {
                **{key: target.settings.get(key) for key in self.SETTINGS},
                "name": target.name,
                "public_url": target.public_url,
                "enabled": target.enabled,
            }
        super().__init__(*args, **kwargs)
        stored = json.loads(target.secret) if target is not None and target.secret else {}
        for name in self.SECRETS:
            if stored.get(name):
                self.fields[name].required = False
                self.fields[name].help_text = _("Empty keeps the one that is stored.")

    def arguments(self) -> dict[str, Any]:
        """Return the valid form as arguments of `save_target`."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "public_url": data["public_url"],
            "enabled": data["enabled"],
            "given": {key: data[key] for key in self.SETTINGS},
            "secret": {key: data[key] for key in self.SECRETS},
        }


class DirectoryForm(TargetForm):
    """A further folder."""

    SETTINGS = ("folder",)

    folder = forms.RegexField(
        label=_("Folder"),
        regex=FOLDER,
        max_length=300,
        error_messages={"invalid": _("Write an absolute path, such as /srv/status.")},
        help_text=_("A mounted share, say. It has to be empty or hold an earlier publication."),
    )


class S3Form(TargetForm):
    """A bucket."""

    SETTINGS = ("endpoint", "region", "bucket", "folder")
    SECRETS = ("access_key", "secret_key")

    endpoint = forms.URLField(
        label=_("Endpoint"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Empty for Amazon; otherwise your provider's address."),
    )
    region = forms.CharField(label=_("Region"), max_length=40, required=False, initial="us-east-1")
    bucket = forms.RegexField(
        label=_("Bucket"),
        regex=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$",
        error_messages={"invalid": _("A bucket's name holds 3 to 63 letters, digits, dots and dashes.")},
    )
    folder = forms.CharField(label=_("Folder in the bucket"), max_length=200, required=False)
    access_key = forms.CharField(label=_("Access key"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    secret_key = forms.CharField(
        label=_("Secret key"), max_length=400, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )


class SshForm(TargetForm):
    """A host behind SSH."""

    SETTINGS = ("host", "port", "user", "host_key", "folder")
    SECRETS: tuple[str, ...] = ("private_key",)

    host = forms.RegexField(
        label=_("Host"),
        regex=rf"^(?:{HOST.pattern})$",
        error_messages={"invalid": _("Write a host's name or address, nothing else.")},
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=22)
    user = forms.RegexField(
        label=_("Account"),
        regex=rf"^(?:{USER.pattern})$",
        error_messages={"invalid": _("Write the account's name there, nothing else.")},
    )
    host_key = forms.CharField(
        label=_("The host's key"),
        max_length=1000,
        help_text=_(
            "As “ssh-keyscan -t ed25519 HOST” prints it. Compare it with the host's own: it is whom you trust."
        ),
    )
    folder = forms.RegexField(
        label=_("Folder there"),
        regex=FOLDER,
        max_length=300,
        error_messages={"invalid": _("Write an absolute path, such as /srv/status.")},
    )
    private_key = forms.CharField(
        label=_("Our private key"),
        max_length=10_000,
        strip=False,
        widget=forms.Textarea({"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_host_key(self) -> str:
        """Take the line of `ssh-keyscan` or of a `.pub` file, with or without the host's name."""
        words = str(self.cleaned_data["host_key"]).split()
        for start in (0, 1):
            key = " ".join(words[start : start + 2])
            if HOST_KEY.fullmatch(key):
                return key
        raise forms.ValidationError(_("Paste the kind of key and the key itself, such as “ssh-ed25519 AAAA…”."))

    def clean_private_key(self) -> str:
        """Refuse what is no unencrypted private key, with the line end that OpenSSH insists on."""
        text = str(self.cleaned_data["private_key"]).replace("\r\n", "\n")
        if text.strip():
            import asyncssh

            try:
                asyncssh.import_private_key(text)
            except asyncssh.KeyImportError as error:
                raise forms.ValidationError(_("This is no private key without a passphrase.")) from error
            return f"{text.strip()}\n"
        return ""


class SftpForm(SshForm):
    """A host behind SFTP, which may also ask for a password."""

    SECRETS = ("private_key", "password")

    password = forms.CharField(
        label=_("Password"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Where the host takes no key."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["private_key"].required = False


FORMS: Final[dict[str, type[TargetForm]]] = {
    Target.Kind.DIRECTORY: DirectoryForm,
    Target.Kind.S3: S3Form,
    Target.Kind.SFTP: SftpForm,
    Target.Kind.RSYNC: SshForm,
}
