"""What the engine does for pages when it is due, and what it watches."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from engine import watch
from engine.duties import Duty, Tick, register
from notifications.operations.advance_pages import advance_pages
from notifications.queries import oldest_due_s

OVERDUE_LIMIT_S: Final = 30.0
"""A due page that nobody advanced for so long alarms the administrators."""


def advance_due_pages(tick: Tick) -> int:
    """Advance one batch of due pages; the loop comes back at once while there are more."""
    return advance_pages(now=tick.now)


def _oldest_due(now: datetime) -> float:
    return oldest_due_s(now=now)


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name="pages", run=advance_due_pages))
    watch.register_gauge(
        "oldest_due_page_s",
        _oldest_due,
        limit=OVERDUE_LIMIT_S,
        sentence="A page has been waiting to be advanced for too long, in seconds",
    )
