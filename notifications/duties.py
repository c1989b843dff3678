"""What the engine does for this floor when it is due."""

from __future__ import annotations

from engine.duties import Duty, Tick, register
from notifications.operations.advance_pages import advance_pages


def advance_due_pages(tick: Tick) -> int:
    """Advance one batch of due pages; the loop comes back at once while there are more."""
    return advance_pages(now=tick.now)


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name="pages", run=advance_due_pages))
