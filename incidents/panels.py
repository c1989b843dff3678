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


class Panels:
    """The panels of the incident's room."""

    def __init__(self) -> None:
        self._panels: dict[str, Panel] = {}

    def register(self, panel: Panel) -> None:
        """Add a panel; a second one of the same key is a mistake."""
        if self._panels.setdefault(panel.key, panel) != panel:
            raise ValueError(f"Two panels are called {panel.key!r}.")

    def ordered(self) -> list[Panel]:
        """Return the panels from top to bottom."""
        return sorted(self._panels.values(), key=lambda panel: (panel.order, panel.key))


panels: Final = Panels()
