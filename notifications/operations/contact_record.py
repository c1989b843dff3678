"""The last step of every change of a contact method or rule: record it, tell the screens, keep the emergency file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine import wake
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from notifications.models import ContactMethod
from web import live


def record_contact(
    method: ContactMethod, *, verb: str, by: Actor, now: datetime, more: Mapping[str, JSON] | None = None
) -> None:
    """Append to the people's chain (locks its head: the last lock taken) and announce the change after the commit.

    The address itself stays out of the chain: it is personal, and may have to be erased.
    """
    payload: dict[str, JSON] = {
        "person": str(method.person_id),
        "contact_method": str(method.pk),
        "channel": method.channel,
        **(more or {}),
    }
    append(subject="settings:people", verb=verb, by=by, now=now, payload=payload)
    wake.after_commit("emergency_contacts")
    live.changed(f"person:{method.person_id}", "settings")
