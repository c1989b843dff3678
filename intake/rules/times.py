"""Times from outside, made fit for storage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


def read_time(value: Any) -> datetime | None:
    """Return an ISO 8601 time, in UTC where it has no offset; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def plausible(moment: datetime | None) -> datetime | None:
    """Return the time, None for one before 1970 or far ahead.

    Tools write "not set" as year 1, also with an offset: such a row can be stored and never be read back.
    """
    return moment if moment is not None and EARLIEST <= moment <= LATEST else None
