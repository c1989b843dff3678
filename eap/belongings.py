"""Pages of floors above that belong to a run, such as the reset it drives; filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eap.models import Run
from people.models import Person


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """A page that belongs to a run: what kind of thing it shows, its title and address, how it stands."""

    kind: str
    title: str
    address: str
    state: str


Finder = Callable[[Run, Person], list[Belonging]]
_finders: Final[dict[str, Finder]] = {}


def register(key: str, finder: Finder) -> None:
    """Have `finder` tell what belongs to a run that this person may see; a second one of the same key is a mistake."""
    if _finders.setdefault(key, finder) != finder:
        raise ValueError(f"Two kinds of pages that belong to a run are called {key!r}.")


def belongings_of(run: Run, person: Person) -> list[Belonging]:
    """Return the pages that belong to this run and that this person may see."""
    return [each for key in sorted(_finders) for each in _finders[key](run, person)]
