"""Messages as channels get them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from notifications.channels.base import Message

AT: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def told(**changes: Any) -> Message:
    """Return a page about a power loss for Ada, changed as told."""
    usual: dict[str, Any] = {
        "delivery_id": 7,
        "fence": 1,
        "kind": "page",
        "to": "+46701234567",
        "name": "Ada",
        "headline": "SEV1 1042: Power lost",
        "spoken": "severity 1, incident 1 0 4 2. Power lost",
        "severity": 1,
        "link": "https://muster.example/p/x-y-z/",
        "code": "4821",
        "page_id": "p1",
        "answerable": True,
        "sent_at": AT,
    }
    return Message(**{**usual, **changes})
