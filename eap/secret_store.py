"""The value behind a secret's name, for the moment an action needs it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from django.conf import settings

from eap.actions.base import Trouble
from eap.actions.redaction import SHORTEST
from eap.models import Secret
from web.secrets import UnreadableSecretError


def value_of(name: str) -> str:
    """Return a secret's value; raises `Trouble` with what to do when there is none. One query."""
    try:
        secret = Secret.objects.filter(name=name).first()
    except UnreadableSecretError as error:
        raise Trouble(str(error)) from None
    if secret is None:
        raise Trouble(f"There is no secret {name}. Add it under Settings, Secrets.")
    value = _read(secret)
    if len(value) < SHORTEST:
        raise Trouble(f"Secret {name} is shorter than {SHORTEST} characters and could not be hidden.")
    return value


def _read(secret: Secret) -> str:
    if secret.kind == Secret.Kind.STORED:
        return secret.value
    if secret.kind == Secret.Kind.ENVIRONMENT:
        value = os.environ.get(secret.reference, "")
        if not value:
            raise Trouble(f"The variable {secret.reference} of secret {secret.name} is not set here.")
        return value
    path = Path(settings.ACTION_SECRETS_DIR) / secret.reference
    try:
        kept = path.stat()
        if kept.st_mode & (stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH):
            raise Trouble(f"The file of secret {secret.name} can be read by others; take that right away (chmod 600).")
        return path.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"The file of secret {secret.name} can't be read ({type(error).__name__}).") from error
