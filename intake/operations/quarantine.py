"""Keep what could not be understood, and try it again later."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from intake.models import Quarantined

KEPT_BYTES: Final = 64 * 1024
"""How much of a rejected body is kept: enough to see what is wrong, too little to fill the disk."""


def quarantine(*, path: str, body: bytes, reason: str, integration_id: int | None, now: datetime) -> None:
    """Store a rejected request, cut to `KEPT_BYTES`. One insert; the caller answers as its protocol demands."""
    Quarantined.objects.create(
        path=path[:200], body=body[:KEPT_BYTES], reason=reason[:500], integration_id=integration_id, received_at=now
    )
