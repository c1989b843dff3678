"""Requests whose key nobody knows, counted by where they come from: a flood of them must not fill the quarantine."""

from __future__ import annotations

import threading
import time
from typing import Final

MOST: Final = 30
WINDOW_S: Final = 60
PLACES: Final = 10_000
"""Places that are counted at once; beyond them the counting begins anew."""


class Strangers:
    """Counts unknown requests of each place in windows of a minute, in this process's memory and under its own lock.

    Each web process counts by itself, so a place may be heard once more per process: what is guarded is the database,
    which a counter in it would burden as the flood does.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._window = -1
        self._counts: dict[str, int] = {}

    def is_one_too_many(self, place: str, *, at_s: float | None = None) -> bool:
        """Count a request of this place; tell whether it is beyond what one place is heard for in a minute.

        `at_s` is a monotonic time in seconds, now unless given.
        """
        window = int((time.monotonic() if at_s is None else at_s) // WINDOW_S)
        with self._lock:
            if window != self._window or len(self._counts) >= PLACES:
                self._window, self._counts = window, {}
            count = self._counts.get(place, 0) + 1
            self._counts[place] = count
        return count > self._most


strangers: Final = Strangers()
"""Those of this process."""
