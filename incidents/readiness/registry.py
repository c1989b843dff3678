"""What floors above know of the next incident's means, filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from incidents.readiness.finding import Finding

Check = Callable[[datetime], Iterable[Finding]]
"""Asked with the time; yields what it finds. It reads only."""
Address = Callable[[str], str]
"""Returns the address at which the subject of this id is mended."""


class Checks:
    """Those who add to the report, such as the intake with jobs that were never heard."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._addresses: dict[str, Address] = {}

    def register(self, kind: str, check: Check, *, mended_at: Address) -> None:
        """Add a check whose findings have subjects "<kind>:<id>"; a second one of the same kind is a mistake."""
        if self._checks.setdefault(kind, check) is not check:
            raise ValueError(f"Two checks of readiness are called {kind!r}.")
        self._addresses[kind] = mended_at

    def find(self, now: datetime) -> Iterator[Finding]:
        """Yield what all of them find, in the order of their kinds."""
        for kind in sorted(self._checks):
            yield from self._checks[kind](now)

    def address_of(self, kind: str) -> Address | None:
        """Return where findings about this kind of subject are mended; None for a kind of this floor."""
        return self._addresses.get(kind)


checks: Final = Checks()
