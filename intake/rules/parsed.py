"""What every receiver makes of what it got: one shape for events, whatever the tool."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

Action = Literal["trigger", "acknowledge", "resolve", "change"]
SEVERITIES: Final = ("critical", "error", "warning", "info")


@dataclass(frozen=True, slots=True)
class ParsedEvent:
    """One event: a dedup key of at most 255 characters, texts already cut to what the alert holds."""

    action: Action
    dedup_key: str
    raw: dict[str, Any]
    summary: str = ""
    source: str = ""
    severity: str = "error"
    group_key: str = ""
    started_at: datetime | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)


class NotUnderstood(Exception):
    """The payload is not what its protocol says; `errors` name each fault in a sentence."""

    def __init__(self, message: str, errors: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors
