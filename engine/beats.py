"""The beats of the duties, written at most once per second and duty, by however many engines."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from django.db import connection

WRITE_EVERY_S: Final = 1.0
LONGEST_ERROR: Final = 2000


def announce(names: list[str]) -> None:
    """Give each duty a row, so that one that never finishes a look becomes late; rows that exist stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO engine_duty (name, beat, lag_s, runs, done, errors, last_error)"
            " SELECT name, clock_timestamp(), 0, 0, 0, 0, '' FROM unnest(%s::text[]) AS name ON CONFLICT DO NOTHING",
            [names],
        )


class Beats:
    """One duty's beats in one engine: counts in memory what another engine's beat has kept from being written."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._runs = 0
        self._done = 0
        self._written = float("-inf")

    def beat(self, *, now: datetime, lag_s: float, done: int) -> None:
        """Note a finished look. `now` is the look's own time; a look that ends now has begun then."""
        self._runs += 1
        self._done += done
        if time.monotonic() - self._written < WRITE_EVERY_S:
            return
        self._written = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(
                _BEAT, {"name": self._name, "beat": now, "lag": lag_s, "runs": self._runs, "done": self._done}
            )
            if cursor.rowcount:
                self._runs = self._done = 0

    def error(self, error: BaseException) -> None:
        """Note a look that failed. The beat stays, so that a duty that only fails becomes late."""
        text = f"{type(error).__name__}: {error}"[:LONGEST_ERROR].replace("\0", "")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE engine_duty SET errors = errors + 1, last_error = %s, last_error_at = clock_timestamp()"
                " WHERE name = %s",
                [text, self._name],
            )


# A beat is worth no wait for the disk, and its loss in a crash is made good a second later.
_BEAT = """
INSERT INTO engine_duty AS duty (name, beat, lag_s, runs, done, errors, last_error)
SELECT %(name)s, %(beat)s, %(lag)s, %(runs)s, %(done)s, 0, ''
FROM (SELECT set_config('synchronous_commit', 'off', true) AS quick) AS commit WHERE commit.quick = 'off'
ON CONFLICT (name) DO UPDATE SET
    beat = excluded.beat, lag_s = excluded.lag_s, runs = duty.runs + excluded.runs, done = duty.done + excluded.done
WHERE duty.runs = 0 OR duty.beat <= excluded.beat - interval '0.9 seconds'
    OR duty.beat > excluded.beat + interval '1 minute'
"""
