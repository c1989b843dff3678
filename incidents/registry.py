"""Those above who must follow an incident's moves, filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from incidents.models import Incident

Merging = Callable[[Incident, Incident, datetime], None]
"""Moves what belongs to the first incident to the second, inside the transaction of the merge.

Both are locked. It may update its own floor's rows and takes no lock above those held.
"""


class Mergings:
    """Those who must follow when an incident is merged into another, such as the intake with its alerts."""

    def __init__(self) -> None:
        self._followers: dict[str, Merging] = {}

    def register(self, name: str, follow: Merging) -> None:
        """Add a follower; a second one of the same name is a mistake."""
        if self._followers.setdefault(name, follow) is not follow:
            raise ValueError(f"Two followers of a merge are called {name!r}.")

    def follow(self, merged: Incident, into: Incident, now: datetime) -> None:
        """Let every follower move what is its own, in the order of their names."""
        for name in sorted(self._followers):
            self._followers[name](merged, into, now)


mergings: Final = Mergings()
