"""The last step of every change of people and schedules: record it, tell the screens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web import live

PEOPLE: Final = "settings:people"
SCHEDULES: Final = "settings:schedules"


def record(subject: str, verb: str, *, by: Actor, now: datetime, payload: Mapping[str, JSON]) -> None:
    """Append to the area's chain (locks its head: the last lock taken) and announce the change after the commit."""
    append(subject=subject, verb=verb, by=by, now=now, payload=payload)
    live.changed("settings", subject)
