"""The outside watchdog: a dead-man switch elsewhere that alarms when our pings stay away.

It covers what Muster cannot tell about itself: no engine, no machine, no network. It is pinged only while all is well.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import structlog

PING_EVERY_S: Final = 60.0
TIMEOUT_S: Final = 5.0

log = structlog.get_logger(__name__)


class Watchdog(threading.Thread):
    """Sends a GET to `url` every 60 s for as long as `all_is_well()`, until `stopping`."""

    def __init__(
        self,
        *,
        url: str,
        all_is_well: Callable[[], bool],
        stopping: threading.Event,
        every_s: float = PING_EVERY_S,
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._url = url
        self._all_is_well = all_is_well
        self._stopping = stopping
        self._every_s = every_s

    def run(self) -> None:
        """Ping until stopping. After a start it waits for the first look at how things are."""
        while not self._stopping.is_set():
            if not self._all_is_well():
                self._stopping.wait(min(5.0, self._every_s))
                continue
            self._ping()
            self._stopping.wait(self._every_s)

    def _ping(self) -> None:
        import httpx  # only where a watchdog is configured: the engine's memory is counted

        try:
            httpx.get(self._url, timeout=TIMEOUT_S).raise_for_status()
        except httpx.HTTPError as error:
            # The address is a secret of its own: only the kind of the failure is logged.
            log.warning("watchdog_ping_failed", error=type(error).__name__)
