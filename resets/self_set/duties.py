"""What the engine does for the reset page: it sends what no worker took, and forgets what is of no use."""

from __future__ import annotations

from typing import Final

from engine.duties import Duty, Tick, register
from resets.self_set.letters import free_letters, prune, send_letters

LETTERS: Final = "reset_letters"
LETTERS_AFTER_S: Final = 3


def send_late_letters(tick: Tick) -> int:
    """Send letters that no worker took."""
    return free_letters(now=tick.now) + send_letters(now=tick.now, older_than_s=LETTERS_AFTER_S)


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name=LETTERS, run=send_late_letters, every_s=2.0))
    register(Duty(name="reset_prune", run=_prune, every_s=3600.0))


def _prune(tick: Tick) -> int:
    return prune(now=tick.now)
