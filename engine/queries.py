"""Reads about the engine itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from engine.duties import registered


@dataclass(frozen=True, kw_only=True)
class DutyState:
    """How a duty stands. `beat` is the start of its last finished look (None: never), `lag_s` the seconds by which the
    next one is overdue, or by which the last one was; `late` tells whether that is more than the duty allows."""

    beat: datetime | None
    lag_s: float
    late: bool
    last_error: str = ""


def duties() -> dict[str, DutyState]:
    """Return the state of every registered duty, as the database knows it; one that no engine ever ran is late."""
    names = list(registered())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, beat, extract(epoch FROM clock_timestamp() - beat)::float8, lag_s, last_error"
            " FROM engine_duty WHERE name = ANY(%s)",
            [names],
        )
        beats = {row[0]: row[1:] for row in cursor.fetchall()}
    states = {}
    for name, duty in registered().items():
        if name not in beats:
            states[name] = DutyState(beat=None, lag_s=0.0, late=True)
            continue
        beat, age_s, lag_s, last_error = beats[name]
        overdue_s = round(max(0.0, lag_s, age_s - duty.every_s), 3)
        states[name] = DutyState(beat=beat, lag_s=overdue_s, late=overdue_s > duty.late_after_s, last_error=last_error)
    return states
