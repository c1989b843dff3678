"""The ledger's heads leave the database, so that a history that was cut off shows."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from engine.duties import Duty, Tick, register
from ledger.operations.anchor import anchor

EVERY_S: Final = 60.0
LATE_AFTER_S: Final = 300.0
"""Heads are promised to be anchored within ten minutes; the administrators hear of it well before."""


def anchor_heads(tick: Tick) -> int:
    """Anchor one batch of heads that moved; return how many."""
    return anchor(folder=settings.LEDGER_ANCHOR_DIR, now=tick.now)


def register_duty() -> None:
    """Let every engine anchor each minute."""
    register(Duty(name="anchor_ledger", run=anchor_heads, every_s=EVERY_S, late_after_s=LATE_AFTER_S))
