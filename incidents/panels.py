"""The parts of an incident's room that floors above own, filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils.functional import Promise

from incidents.models import Incident


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of the incident's room that a floor above owns: `render` returns safe HTML, "" for nothing to show."""

    key: str
    title: str | Promise
    order: int
    render: Callable[[HttpRequest, Incident], str]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One fact of the briefing that a floor above owns: `render` returns safe HTML, "" for nothing to say."""

    key: str
    title: str | Promise
    order: int
    render: Callable[[HttpRequest, Incident], str]


class Panels:
    """The panels of the incident's room, and the facts of its briefing."""

    def __init__(self) -> None:
        self._panels: dict[str, Panel] = {}
        self._lines: dict[str, Line] = {}

    def register(self, panel: Panel) -> None:
        """Add a panel; a second one of the same key is a mistake."""
        if self._panels.setdefault(panel.key, panel) != panel:
            raise ValueError(f"Two panels are called {panel.key!r}.")

    def register_line(self, line: Line) -> None:
        """Add a fact to the briefing; a second one of the same key is a mistake."""
        if self._lines.setdefault(line.key, line) != line:
            raise ValueError(f"Two facts of the briefing are called {line.key!r}.")

    def lines(self) -> list[Line]:
        """Return the facts of the briefing from top to bottom."""
        return sorted(self._lines.values(), key=lambda line: (line.order, line.key))

    def ordered(self) -> list[Panel]:
        """Return the panels from top to bottom."""
        return sorted(self._panels.values(), key=lambda panel: (panel.order, panel.key))


panels: Final = Panels()
