"""Django's PostgreSQL backend, which trusts a kept connection that was used a moment ago."""

from __future__ import annotations

import time
from typing import Any, Final

from django.db.backends.postgresql import base

FRESH_S: Final = 1.0
"""A connection used within this time is not probed again: under load the probe was a sixth of a request's work.

A database that restarts within it costs the thread one refused request (503), after which the connection is new.
"""


class DatabaseWrapper(base.DatabaseWrapper):
    """Skips the health check of a fresh connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._used_at = float("-inf")

    def close_if_health_check_failed(self) -> None:
        """Probe the connection once a request, unless it was used within `FRESH_S`."""
        if not self.errors_occurred and time.monotonic() - self._used_at < FRESH_S:
            return
        super().close_if_health_check_failed()

    def create_cursor(self, name: str | None = None) -> Any:
        """Note the use."""
        self._used_at = time.monotonic()
        return super().create_cursor(name)
