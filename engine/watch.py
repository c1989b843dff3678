"""The watch: Muster looks at itself and alarms the administrators.

The apps that can reach people register how (`register_alarm`), and figures that must stay small (`register_gauge`),
such as the age of the oldest unsent delivery. The watch adds the duties' own lateness. It runs as a duty of every
engine, but not in `engine.duties`: its clock is the database's and cannot be moved.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from django.db import connection, transaction

from engine.duties import Duty, Tick
from engine.duties import registered as all_duties
from engine.queries import duties

NAME: Final = "watch"
LOOK_EVERY_S: Final = 5.0
LONGEST_GAP_S: Final = 3 * LOOK_EVERY_S
LONGEST_GRACE_S: Final = 30.0
REPEAT_AFTER: Final = "5 minutes"

log = structlog.get_logger(__name__)

RingAlarm = Callable[[str, str], None]
"""Called as `ring(cause, sentence)` in a transaction: may only insert rows; an error of it is logged."""


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """A figure that must not exceed `limit`. `read` gets the database's time; `sentence` tells what an excess means."""

    name: str
    read: Callable[[datetime], float]
    limit: float
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that the administrators have to know."""

    cause: str
    sentence: str


_alarms: list[RingAlarm] = []
_gauges: dict[str, Gauge] = {}


class Looking:
    """Since when this process has been looking without a gap, and what it saw last."""

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._since = self._last = float("-inf")
        self._well = False

    def begin(self) -> float:
        """Note a look; return for how many seconds looks have followed each other."""
        now = self._seconds()
        if now - self._last > LONGEST_GAP_S:
            self._since = now
        self._last = now
        self._well = False
        return now - self._since

    def end(self, *, well: bool) -> None:
        """Note what the look found."""
        self._well = well

    def found_well(self, *, within_s: float) -> bool:
        """Tell whether a look within the last `within_s` seconds found no trouble."""
        return self._well and self._seconds() - self._last <= within_s


_looking = Looking()


def register_alarm(ring: RingAlarm) -> None:
    """Have `ring(cause, sentence)` called when something is wrong: at most once in 5 minutes for each cause, by all
    engines together."""
    if ring not in _alarms:
        _alarms.append(ring)


def register_gauge(name: str, read: Callable[[datetime], float], *, limit: float, sentence: str) -> None:
    """Watch the figure `read(now)`; above `limit` the administrators are alarmed with `sentence`."""
    gauge = Gauge(name=name, read=read, limit=limit, sentence=sentence)
    if _gauges.setdefault(name, gauge) != gauge:
        raise ValueError(f"Two gauges are called {name!r}.")


def duty() -> Duty:
    """Return the watch as a duty for the loop."""
    return Duty(name=NAME, run=look, every_s=LOOK_EVERY_S, budget_s=10.0)


def all_is_well(*, within_s: float = 60.0) -> bool:
    """Tell whether this process looked within the last `within_s` seconds and found no trouble."""
    return _looking.found_well(within_s=within_s)


def look(tick: Tick) -> int:
    """Look once and alarm; return 0, because nothing is left to do until the next look."""
    looked_for_s = _looking.begin()
    troubles = [*_late_duties(looked_for_s), *_gauges_over_limit(tick.now)]
    _looking.end(well=not troubles)
    for trouble in troubles:
        _alarm_once(trouble)
    return 0


def _late_duties(looked_for_s: float) -> list[Trouble]:
    """Return what is to be said about late duties: one sentence, however many there are.

    After a gap in the looks themselves (the database was away) every duty's beat is old: each is given its time again.
    """
    registered = all_duties()
    late = {
        name: state
        for name, state in duties().items()
        if state.late and looked_for_s >= min(registered[name].late_after_s, LONGEST_GRACE_S)
    }
    if not late:
        return []
    if len(late) > 1:
        names = ", ".join(f"{name} ({state.lag_s:.0f} s)" for name, state in late.items())
        return [Trouble(cause="duties", sentence=f"{len(late)} duties of the engine are late: {names}.")]
    ((name, state),) = late.items()
    error = f" Its last error: {state.last_error[:300]}" if state.last_error else ""
    return [Trouble(cause=f"duty:{name}", sentence=f"The engine's duty {name} is {state.lag_s:.0f} s late.{error}")]


def _gauges_over_limit(now: datetime) -> list[Trouble]:
    troubles = []
    for gauge in _gauges.values():
        try:
            with transaction.atomic():
                value = gauge.read(now)
        except Exception:  # one app's broken figure may not blind the watch for the others
            log.exception("gauge_failed", gauge=gauge.name)
            troubles.append(
                Trouble(cause=f"gauge:{gauge.name}", sentence=f"Muster cannot read its own figure {gauge.name}.")
            )
            continue
        if value > gauge.limit:
            troubles.append(Trouble(cause=f"gauge:{gauge.name}", sentence=f"{gauge.sentence} ({value:.0f})"))
    return troubles


def _alarm_once(trouble: Trouble) -> None:
    """Call the alarms unless some engine did so in the last 5 minutes; both are one commit, so neither is lost."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO engine_alarm AS alarm (cause, at, sentence) VALUES (%s, clock_timestamp(), %s)"
                " ON CONFLICT (cause) DO UPDATE SET at = excluded.at, sentence = excluded.sentence"
                " WHERE alarm.at <= excluded.at - %s::interval",
                [trouble.cause, trouble.sentence, REPEAT_AFTER],
            )
            if not cursor.rowcount:
                return
        log.error("alarm", cause=trouble.cause, sentence=trouble.sentence)
        if _alarms and not [ring for ring in _alarms if _rang(ring, trouble)]:
            raise RuntimeError(f"No alarm could be raised about {trouble.cause}; it is tried again.")


def _rang(ring: RingAlarm, trouble: Trouble) -> bool:
    try:
        with transaction.atomic():
            ring(trouble.cause, trouble.sentence)
    except Exception:  # the next way to reach somebody is tried all the same
        log.exception("alarm_failed", cause=trouble.cause)
        return False
    return True
