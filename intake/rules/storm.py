"""When single alerts of one rule become a storm: more than N within M seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """How many alerts of one rule came since the window's start."""

    started_at: datetime
    count: int


def next_window(window: Window | None, *, now: datetime, seconds: int, in_storm: bool) -> Window:
    """Return the window after one more alert at `now`.

    A window ends after `seconds`; in a storm it slides on, so that the storm lasts until the rule has been
    quiet for `seconds`.
    """
    if window is None or now - window.started_at >= timedelta(seconds=seconds):
        return Window(now, 1)
    return Window(now if in_storm else window.started_at, window.count + 1)


def is_storm(window: Window, *, limit: int) -> bool:
    """Tell whether the window holds more than `limit` alerts; a limit of 0 means never."""
    return 0 < limit < window.count
