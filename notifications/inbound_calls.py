"""Calls to our numbers that floors above take: a line for customers, the bridge. They register in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundCall:
    """Who calls which of our numbers (E.164, "" where it is hidden); `call` is the provider's id."""

    provider: str
    call: str
    caller: str
    called: str
    now: datetime


Take = Callable[[InboundCall], str | None]
"""Returns the provider's document that the call begins with, None for a call that means nothing to this floor. Not in a
transaction; a repeated request gets the same document."""

_lines: Final[dict[str, Take]] = {}
_desks: Final[dict[str, Take]] = {}


def register_line(name: str, take: Take) -> None:
    """Let `take` look at every call first: it knows its numbers, and nobody else may answer there."""
    if _lines.setdefault(name, take) is not take:
        raise ValueError(f"Two floors take the lines of {name!r}.")


def register_desk(name: str, take: Take) -> None:
    """Let `take` look at calls of people whom no open page waits for."""
    if _desks.setdefault(name, take) is not take:
        raise ValueError(f"Two floors take the calls of {name!r}.")


def on_a_line(call: InboundCall) -> str | None:
    """Return what the first floor says whose number was called, None when it is nobody's."""
    return _first(_lines, call)


def at_a_desk(call: InboundCall) -> str | None:
    """Return what the first floor says that the caller may be for, None when none is."""
    return _first(_desks, call)


def _first(takers: dict[str, Take], call: InboundCall) -> str | None:
    return next((document for take in takers.values() if (document := take(call)) is not None), None)
