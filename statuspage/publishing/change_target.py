"""Name a further place for the published files, change it, have it checked, take it away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from engine import wake
from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.models import Target
from statuspage.operations.recording import record_settings
from statuspage.publishing.publish import TARGETS
from web.errors import BadInput, NotFound


def save_target(
    *,
    target: Target | None,
    kind: str,
    name: str,
    given: Mapping[str, Any],
    secret: Mapping[str, str],
    public_url: str,
    enabled: bool,
    by: Actor,
    now: datetime,
) -> Target:
    """Make a target or change one, and have everything brought there and compared; return it.

    `given` are settings that are no secret; of `secret` an empty value keeps what is stored. Raises BadInput for a name
    that is taken. The ledger names the settings, never a secret. Locks the target's row.
    """
    if target is None:
        target = Target(kind=kind)
        before: dict[str, str] = {}
    else:
        target = lock_target(target.pk)
        before = json.loads(target.secret) if target.secret else {}
    if Target.objects.filter(name=name).exclude(pk=target.pk).exists():
        raise BadInput("This name is taken.", errors={"name": "Another target has this name."})
    verb = "status.target_changed" if target.pk else "status.target_added"
    target.name, target.settings, target.public_url, target.enabled = name, dict(given), public_url, enabled
    target.secret = json.dumps({**before, **{key: value for key, value in secret.items() if value}})
    # It may be another place now: nothing is known of what is there.
    target.generation = 0
    target.checked_at = target.failing_since = target.next_try_at = None
    target.trouble = ""
    target.save()
    payload: dict[str, JSON] = {"target": target.pk, "name": name, "kind": kind, "enabled": enabled}
    payload["settings"] = {key: str(value) for key, value in given.items()}
    record_settings(verb, by=by, now=now, payload=payload)
    wake.after_commit(TARGETS)
    return target


def check_soon(*, target_id: int) -> Target:
    """Have the engine compare every file of a target now, whatever rest it takes after a failure; return it."""
    target = lock_target(target_id)
    Target.objects.filter(pk=target.pk).update(checked_at=None, next_try_at=None)
    wake.after_commit(TARGETS)
    return target


def remove_target(*, target_id: int, by: Actor, now: datetime) -> Target:
    """Forget a target and its secrets; the files there stay. Locks its row."""
    target = lock_target(target_id)
    payload: dict[str, JSON] = {"target": target.pk, "name": target.name, "kind": target.kind}
    target.delete()
    record_settings("status.target_removed", by=by, now=now, payload=payload)
    return target


def lock_target(target_id: int) -> Target:
    """Return a target locked (`FOR NO KEY UPDATE`); raises NotFound."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("A target is changed inside a transaction.")
    found = Target.objects.select_for_update(no_key=True).filter(pk=target_id).first()
    if found is None:
        raise NotFound("There is no such target.")
    return found
