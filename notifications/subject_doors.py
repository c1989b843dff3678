"""Who may know of what pages are about. The floor that owns the subject keeps its door and registers it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from people.models import Person
from web.errors import NotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectDoor:
    """The door to one kind of subject ("incident").

    `find` returns the id of what a text names (its id, its number) and raises `NotFound` for what is not there or what
    this person may not know of. `hidden_from` returns a queryset of one column: the subjects ("incident:<id>") that
    this person may not know of, None when there is nothing to hide from them. Whoever was paged about a subject may
    know of it. `join` locks the subject of an id for a new page about it and returns its severity, 1 to 4; it raises
    `IllegalMove` once the subject is over.
    """

    kind: str
    find: Callable[[Person, str], str]
    hidden_from: Callable[[Person], QuerySet[Any, Any] | None]
    join: Callable[[str], int]


class SubjectDoors:
    """The doors by kind, filled in `AppConfig.ready`."""

    def __init__(self) -> None:
        self._doors: dict[str, SubjectDoor] = {}

    def register(self, door: SubjectDoor) -> None:
        """Add a door; a second one of the same kind is a mistake."""
        if self._doors.setdefault(door.kind, door) != door:
            raise ValueError(f"Two doors lead to the subject kind {door.kind!r}.")

    def find(self, person: Person, *, kind: str, text: str) -> str:
        """Return the subject ("incident:<id>") that `text` names; raise `NotFound`."""
        door = self._doors.get(kind)
        if door is None:
            raise NotFound(f"There is no {kind} here.")
        return f"{kind}:{door.find(person, text)}"

    def join(self, subject: str) -> int:
        """Lock a subject that `find` returned for a new page, and return its severity; raise `IllegalMove`."""
        kind, _, id_ = subject.partition(":")
        return self._doors[kind].join(id_)

    def hidden_from(self, person: Person) -> list[QuerySet[Any, Any]]:
        """Return the querysets of all subjects that this person may not know of."""
        found = [door.hidden_from(person) for door in self._doors.values()]
        return [hidden for hidden in found if hidden is not None]


subject_doors: Final = SubjectDoors()
