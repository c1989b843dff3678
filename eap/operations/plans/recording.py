"""How plans tell the ledger and the screens what happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from eap.models import PlanVersion
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web import live


def record(
    version: PlanVersion,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    more: Mapping[str, JSON] | None = None,
    personal: str = "",
) -> None:
    """Append `verb` to the plan's chain, naming version and digest, and tell the screens. Locks the ledger's head."""
    payload: dict[str, JSON] = {
        "key": version.plan.key,
        "version": version.number,
        "digest": version.digest,
        **(more or {}),
    }
    append(subject=version.plan.subject, verb=verb, by=by, now=now, payload=payload, personal=personal)
    live.changed("plans", version.plan.subject)
