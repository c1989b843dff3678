"""The duties: what apps want done when it is due, and how they say so.

An app registers its duties in `AppConfig.ready`. A duty looks for due rows, does a batch and returns how many it did;
the loop calls it again at once until it returns 0, then every `every_s` and whenever it is woken (`engine.wake`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST_ROUNDS: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One look at what is due: `now` is the database's time (UTC), `deadline` the budget's end by `time.monotonic`."""

    now: datetime
    deadline: float

    def out_of_time(self) -> bool:
        """Tell whether the budget is used up; a duty with more to do then returns what it did so far."""
        return time.monotonic() >= self.deadline


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A named piece of work that comes due.

    `run` returns how many rows it moved; 0 ends the round. `every_s` is the longest pause between two looks. `budget_s`
    limits one look: each of its SQL statements is cut off after it, and a look that still runs long after it ends the
    engine (a supervisor starts a new one). Without a finished look for `every_s + late_after_s` the watch alarms.
    Several engines run the same duty at the same time: it claims its rows.
    """

    name: str
    run: Callable[[Tick], int]
    every_s: float = 1.0
    budget_s: float = 30.0
    late_after_s: float = 30.0

    def look(self, *, now: datetime) -> int:
        """Run once with the time `now` and a fresh budget."""
        return self.run(Tick(now=now, deadline=time.monotonic() + self.budget_s))


_registered: dict[str, Duty] = {}


def register(duty: Duty) -> None:
    """Add `duty` to what every engine does; a second one of the same name is a mistake."""
    if _registered.setdefault(duty.name, duty) != duty:
        raise ValueError(f"Two duties are called {duty.name!r}.")


def registered() -> dict[str, Duty]:
    """Return every duty by its name, in the order of registration."""
    return dict(_registered)


def run_once(name: str | None = None, *, now: datetime) -> int:
    """Do what is due at `now`, here and at once, until nothing is left; return how many rows were moved.

    With `name` only that duty, without it all of them in turns, because one's work may be another's cause. An error of
    a duty is raised.
    """
    duties = [_registered[name]] if name is not None else list(_registered.values())
    total = 0
    for _ in range(MOST_ROUNDS):
        done = sum(duty.look(now=now) for duty in duties)
        if not done:
            return total
        total += done
    raise RuntimeError(f"After {MOST_ROUNDS} rounds still something is due among {[duty.name for duty in duties]}.")
