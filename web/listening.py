"""Who may hear of which changes. The floor that owns a kind of subject registers its door in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final
from uuid import UUID

Visible = Callable[[Any, Collection[UUID]], Collection[UUID]]
"""Returns which of these ids a person may know of."""


class ListeningDoors:
    """The doors by kind of subject ("incident"). A subject of a kind without a door hides nothing: "incidents"."""

    def __init__(self) -> None:
        self._doors: dict[str, Visible] = {}

    def register(self, kind: str, visible: Visible) -> None:
        """Let only those hear of "<kind>:<id>" to whom `visible` shows the id."""
        if self._doors.setdefault(kind, visible) is not visible:
            raise ValueError(f"Two doors lead to what is called {kind!r}.")

    def audible(self, person: Any, subjects: Sequence[str]) -> list[str]:
        """Return, in their order, the subjects of which this person may hear; one look per kind."""
        asked: dict[str, dict[str, UUID]] = {}
        for subject in subjects:
            kind, _, written = subject.partition(":")
            if kind in self._doors:
                of_kind = asked.setdefault(kind, {})
                try:
                    of_kind[subject] = UUID(written)
                except ValueError:
                    continue
        known: set[str] = set()
        for kind, ids in asked.items():
            shown = set(self._doors[kind](person, set(ids.values()))) if ids else set()
            known |= {subject for subject, id_ in ids.items() if id_ in shown}
        return [each for each in subjects if each in known or each.partition(":")[0] not in self._doors]


listening_doors: Final = ListeningDoors()
