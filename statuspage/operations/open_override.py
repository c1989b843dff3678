"""In an emergency one person may publish alone, for a while, and everybody can see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person
from statuspage.models import EmergencyOverride
from statuspage.operations.recording import record_settings
from web.errors import BadInput

LONGEST_MIN: Final = 60
"""An emergency that lasts longer has room for a second person, or for saying again why there is none."""


def open_override(*, person: Person, reason: str, minutes: int, by: Actor, now: datetime) -> EmergencyOverride:
    """Let `person` publish without a second one for up to 60 minutes; raise `BadInput` without reason or for longer."""
    errors = {}
    if not reason.strip():
        errors["reason"] = "Say why nobody else can approve now; it stays in the ledger."
    if len(reason.strip()) > 300:
        errors["reason"] = "Say it in 300 characters."
    if not 1 <= minutes <= LONGEST_MIN:
        errors["minutes"] = f"Choose 1 to {LONGEST_MIN} minutes."
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
    override = EmergencyOverride.objects.create(
        person=person, reason=reason.strip(), since=now, until=now + timedelta(minutes=minutes)
    )
    payload: dict[str, JSON] = {"person": person.name, "minutes": minutes, "until": override.until.isoformat()}
    record_settings("status.override_opened", by=by, now=now, payload=payload, personal=override.reason)
    return override


def override_of(person: Person | None, *, now: datetime) -> EmergencyOverride | None:
    """Return the person's open override, None without one."""
    if person is None:
        return None
    return EmergencyOverride.objects.filter(person=person, since__lte=now, until__gt=now).order_by("-until").first()
