"""How the rest of Muster hears of resets: names of duty and task, ledger entries, screens that draw themselves anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from engine import wake
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from ledger.rules import JSON
from web import live

if TYPE_CHECKING:
    from resets.models import Reset

DUTY: Final = "resets"
TASK: Final = "resets.work"
QUEUE: Final = "bulk"
TELL_EVERY_S: Final = 1.0
"""Screens hear of progress no more often, however many chunks end."""

ON_THE_INCIDENT: Final = frozenset(
    {
        "reset.released",
        "reset.phase_done",
        "reset.held",
        "reset.paused",
        "reset.resumed",
        "reset.aborted",
        "reset.given_up",
        "reset.closed",
        "reset.notice_sent",
        "reset.notice_done",
    }
)
"""What an incident's timeline tells of a reset; the reset's own chain has everything."""

_told: Final[dict[str, float]] = {}
_telling: Final = threading.Lock()


class News:
    """What a move of a reset has to say, collected while it works and published as its last act."""

    def __init__(self, reset: Reset, *, by: Actor, now: datetime) -> None:
        self._reset = reset
        self._by = by
        self._now = now
        self._events: list[Event] = []
        self._incident = reset.run.incident_id if reset.run is not None else None

    def say(self, verb: str, payload: Mapping[str, JSON] | None = None, *, personal: str = "") -> None:
        """Note a ledger entry on the reset's chain, and on its incident's where the timeline tells it."""
        subjects = [self._reset.subject]
        if self._incident is not None and verb in ON_THE_INCIDENT:
            subjects.append(f"incident:{self._incident}")
        about: dict[str, JSON] = {
            "reset": str(self._reset.pk),
            "title": self._reset.title,
            "drill": self._reset.drill,
            **(payload or {}),
        }
        self._events += [
            Event(subject=each, verb=verb, by=self._by, now=self._now, payload=about, personal=personal)
            for each in subjects
        ]

    def publish(self) -> None:
        """Append to the ledger; wake who works and draw the screens anew after the commit."""
        append_all(self._events)
        live.changed("resets", self._reset.subject)
        if self._incident is not None and len(self._events) > 1:
            live.changed(f"incident:{self._incident}")
        wake.after_commit(DUTY)


def progressed(subject: str) -> None:
    """Draw the screens about a reset anew, at most once a second from this process."""
    with _telling:
        moment = time.monotonic()
        if moment - _told.get(subject, float("-inf")) < TELL_EVERY_S:
            return
        _told[subject] = moment
    live.changed(subject)
