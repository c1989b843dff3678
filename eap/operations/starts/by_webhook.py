"""Secret addresses that start plans."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from eap.models import Plan, Run, RunHook
from eap.operations.runs.start_run import start_run
from eap.operations.starts.kept_inputs import check_kept
from incidents.models import Incident
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from people.models import Person
from web.errors import BadInput, IllegalMove, NotFound

KEY_BYTES: Final = 32


def digest_of(key: str) -> str:
    """Return the SHA-256 by which a key is found."""
    return hashlib.sha256(key.encode()).hexdigest()


def issue_hook(
    *, plan: Plan, name: str, by: Actor, now: datetime, drill: bool = False, inputs: Mapping[str, Any] | None = None
) -> tuple[RunHook, str]:
    """Make an address that starts `plan`; return it with its key, which is shown this once and kept by digest alone.

    Calls may give inputs that `inputs` lack. Raises `BadInput` with a sentence per field.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A key is issued inside a transaction.")
    if not 1 <= len(name.strip()) <= 100:
        sentence = "Name it after who will call it, in at most 100 characters."
        raise BadInput(sentence, errors={"name": sentence})
    if plan.published is not None:
        check_kept(plan.published, inputs or {}, now=now, partly=True)
    key = secrets.token_urlsafe(KEY_BYTES)
    hook = RunHook.objects.create(
        plan=plan,
        name=name.strip(),
        digest=digest_of(key),
        drill=drill,
        inputs=dict(inputs or {}),
        created_by=Person.objects.filter(pk=by.id).first() if by.kind == "person" else None,
        created_at=now,
    )
    payload: dict[str, JSON] = {"hook": hook.pk, "name": hook.name, "drill": drill}
    append(subject=plan.subject, verb="plan.hook_issued", by=by, now=now, payload=payload)
    return hook, key


def revoke_hook(*, hook: RunHook, by: Actor, now: datetime) -> None:
    """Let an address start nothing any more. Revoked already, nothing changes."""
    if RunHook.objects.filter(pk=hook.pk, revoked_at=None).update(revoked_at=now):
        append(subject=hook.plan.subject, verb="plan.hook_revoked", by=by, now=now, payload={"hook": hook.pk})


def start_by_webhook(
    *, key: str, inputs: Mapping[str, Any], now: datetime, incident_number: int | None = None, reason: str = ""
) -> Run:
    """Start the plan of an address and return the run. Inputs given win over those kept with the address.

    Raises `NotFound` for a key that is unknown or revoked, and the errors of `start_run`.
    """
    hook = (
        RunHook.objects.filter(digest=digest_of(key), revoked_at=None).select_related("plan__published__plan").first()
    )
    if hook is None:
        raise NotFound("There is nothing at this address.")
    if hook.plan.published is None:
        raise IllegalMove("This plan has no published version.")
    incident = Incident.objects.filter(number=incident_number).first() if incident_number is not None else None
    if incident_number is not None and (incident is None or incident.private):
        sentence = f"There is no incident {incident_number} to run it for."
        raise BadInput(sentence, errors={"incident": sentence})
    if hook.last_used_on != now.date():
        RunHook.objects.filter(pk=hook.pk).update(last_used_on=now.date())
    by = Actor(kind="token", id=f"hook:{hook.pk}", name=hook.name, via="webhook")
    return start_run(
        version=hook.plan.published,
        inputs={**hook.inputs, **inputs},
        incident=incident,
        drill=hook.drill,
        reason=reason,
        via="webhook",
        informant=hook.created_by,
        by=by,
        now=now,
    )
