"""Those above who know why a service's alerts may wait, filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError, transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Muting:
    """Why new alerts of a service page nobody: `reason` is a sentence, alerts first seen before `since` still do."""

    since: datetime
    reason: str


LookUp = Callable[[Collection[int], datetime], Mapping[int, Muting]]
"""Asked with ids of services and the time; answers for those whose alerts wait now. It reads and takes no lock."""


class Mutings:
    """Those who are asked before an alert is routed, such as the status page for its maintenance."""

    def __init__(self) -> None:
        self._look_ups: dict[str, LookUp] = {}

    def register(self, name: str, look_up: LookUp) -> None:
        """Add somebody to ask; a second one of the same name is a mistake."""
        if self._look_ups.setdefault(name, look_up) is not look_up:
            raise ValueError(f"Two who mute alerts are called {name!r}.")

    def of(self, services: Collection[int], now: datetime) -> dict[int, Muting]:
        """Return by service why its alerts wait now. An answer that fails mutes nothing: a page must not stay away.

        A lost database is raised, because nothing is routed then anyway.
        """
        found: dict[int, Muting] = {}
        for name in sorted(self._look_ups) if services else ():
            try:
                with transaction.atomic():
                    answer = self._look_ups[name](services, now)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("muting_look_up_failed", name=name)
                continue
            for service, muting in answer.items():
                found[service] = min(muting, found.get(service, muting), key=lambda each: each.since)
        return found


mutings: Final = Mutings()
