"""Keep a secret, change it, take it away. The ledger names it, never its value."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from eap.actions.redaction import SHORTEST
from eap.models import Secret
from ledger.actor import Actor
from ledger.operations.append import append
from web import live
from web.errors import BadInput

SUBJECT: Final = "settings:secrets"
ENVIRONMENT_PREFIX: Final = "MUSTER_SECRET_"


def save_secret(
    *, name: str, kind: str, by: Actor, now: datetime, value: str = "", reference: str = "", purpose: str = ""
) -> Secret:
    """Keep a secret under `name`, in place of one of that name; an empty `value` keeps the stored one.

    Raises `BadInput` with a sentence per field. Locks the row.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A secret is changed inside a transaction.")
    secret = Secret.objects.select_for_update(no_key=True).filter(name=name).first() or Secret(name=name)
    if kind == Secret.Kind.STORED and not value and secret.kind == Secret.Kind.STORED:
        value = secret.value
    _check(name=name, kind=kind, value=value, reference=reference)
    secret.kind, secret.purpose = kind, purpose
    secret.value = value if kind == Secret.Kind.STORED else ""
    secret.reference = "" if kind == Secret.Kind.STORED else reference
    secret.changed_by_name, secret.changed_at = by.name[:100], now
    secret.save()
    payload = {"name": name, "kind": kind, "reference": secret.reference}
    append(subject=SUBJECT, verb="secret.saved", by=by, now=now, payload=payload)
    live.changed("settings")
    return secret


def remove_secret(*, name: str, by: Actor, now: datetime) -> None:
    """Take a secret away; a step that needs it fails from then on. Repeating changes nothing."""
    removed, _rows = Secret.objects.filter(name=name).delete()
    if removed:
        append(subject=SUBJECT, verb="secret.removed", by=by, now=now, payload={"name": name})
        live.changed("settings")


def _check(*, name: str, kind: str, value: str, reference: str) -> None:
    errors = {}
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name):
        errors["name"] = "Name it with small letters, digits and _, starting with a letter: deploy_key."
    if kind not in Secret.Kind.values:
        errors["kind"] = f"Choose one of {', '.join(Secret.Kind.values)}."
    elif kind == Secret.Kind.STORED and len(value) < SHORTEST:
        errors["value"] = f"Give at least {SHORTEST} characters: shorter ones can't be hidden in what people read."
    elif kind == Secret.Kind.FILE and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", reference):
        errors["reference"] = "Name a file of ACTION_SECRETS_DIR, without folders."
    elif kind == Secret.Kind.ENVIRONMENT and not re.fullmatch(rf"{ENVIRONMENT_PREFIX}[A-Z0-9_]{{1,60}}", reference):
        errors["reference"] = f"Name a variable that starts with {ENVIRONMENT_PREFIX}."
    if errors:
        raise BadInput("The secret was not saved. " + " ".join(errors.values()), errors=errors)
