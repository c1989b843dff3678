"""How incidents' numbers and times read to people; pure."""

from __future__ import annotations

from datetime import datetime

WRITTEN_LENGTH = 300
"""What a page's title and an incident's notices hold, in characters."""


def severity_name(severity: int) -> str:
    """Return "SEV1" to "SEV4"."""
    return f"SEV{severity}"


def severity_number(name: str) -> int | None:
    """Return 1 to 4 for "SEV1", "sev1" or "1"; None for anything else."""
    digits = name.strip().upper().removeprefix("SEV")
    return int(digits) if digits in {"1", "2", "3", "4"} else None


def headline(*, severity: int, number: int, title: str, private: bool) -> str:
    """Return what messages and pages call the incident; a private one's title stays inside Muster."""
    return f"{severity_name(severity)} {number}: {'private incident' if private else title}"[:WRITTEN_LENGTH]


def seconds_between(start: datetime, end: datetime) -> float:
    """Return a duration in seconds to the tenth, never negative."""
    return max(0.0, round((end - start).total_seconds(), 1))


def in_words(seconds: float) -> str:
    """Return a duration as people say it: "8 s", "2 min 32 s", "3 h 5 min", "2 d 4 h"."""
    whole = max(0, round(seconds))
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    first = next((place for place, (amount, _) in enumerate(parts) if amount), 3)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount) or "0 s"


def listed(names: list[str]) -> str:
    """Return names as a person lists them: "Ada", "Ada and Vic", "Ada, Vic and Vera"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
