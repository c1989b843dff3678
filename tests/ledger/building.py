"""Ledger entries for tests, written as the product writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction

from ledger.actor import Actor
from ledger.models import Entry
from ledger.operations.append import append

ADA: Final = Actor(kind="person", id="ada", name="Ada", via="web")
NOON: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def note(subject: str, text: str = "", *, minutes: int = 0, verb: str = "noted", **payload: int | str) -> Entry:
    """Append one entry by Ada, `minutes` after noon, in a transaction of its own."""
    with transaction.atomic():
        return append(
            subject=subject, verb=verb, by=ADA, now=NOON + timedelta(minutes=minutes), payload=payload, personal=text
        )
