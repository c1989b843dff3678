"""What the status page wants done when it is due: maintenance moved on, and a word where nobody has said one."""

from __future__ import annotations

from typing import Final

from engine.duties import Duty, register
from statuspage.operations.hold import hold
from statuspage.operations.move_maintenance import move_maintenances

MAINTENANCES: Final = "maintenances"
HOLDING_UPDATES: Final = "holding_updates"


def register_duties() -> None:
    """Put them before the engine. A holding word is counted in minutes, so looking for one every 5 s is enough."""
    register(Duty(name=MAINTENANCES, run=move_maintenances))
    register(Duty(name=HOLDING_UPDATES, run=hold, every_s=5.0))
