"""What components' timelines say at a moment, and how bad an incident is; pure.

A component's state at a moment is the worst that its sources say then. A source (a public incident, or nobody: set by
hand) says what its latest row says; rows that were superseded say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

OPERATIONAL: Final = "operational"
SEVERITY: Final[Mapping[str, int]] = {
    "operational": 0,
    "under_maintenance": 1,
    "degraded_performance": 2,
    "partial_outage": 3,
    "major_outage": 4,
}
"""How bad a state is; maintenance was announced, so trouble outweighs it (Statuspage orders its states so)."""
IMPACTS: Final = ("none", "minor", "major", "critical")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A row of the timeline that was not superseded: from `at` on, `source` says `status`. `order` breaks ties."""

    at: datetime
    source: str
    status: str
    order: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The state of a component over a half-open stretch of time; `end` None is up to now."""

    start: datetime
    end: datetime | None
    status: str


def worst(statuses: Iterable[str]) -> str:
    """Return the worst of these states; operational for none."""
    return max(statuses, key=SEVERITY.__getitem__, default=OPERATIONAL)


def status_at(steps: Iterable[Step], moment: datetime) -> str:
    """Return what the timeline says at `moment`: the worst over sources of each one's latest row by then."""
    latest: dict[str, Step] = {}
    for step in sorted(steps, key=_when):
        if step.at <= moment:
            latest[step.source] = step
    return worst(step.status for step in latest.values())


def spans(steps: Iterable[Step]) -> list[Span]:
    """Return the stretches of one state each, in order; before the first one the component was operational."""
    said: dict[str, str] = {}
    found: list[Span] = []
    ordered = sorted(steps, key=_when)
    for place, step in enumerate(ordered):
        said[step.source] = step.status
        if place + 1 < len(ordered) and ordered[place + 1].at == step.at:
            continue
        status = worst(said.values())
        if found and found[-1].status == status:
            continue
        if found:
            found[-1] = Span(start=found[-1].start, end=step.at, status=found[-1].status)
        found.append(Span(start=step.at, end=None, status=status))
    return found


def impact_of(statuses: Sequence[str], *, shown: int) -> str:
    """Return an incident's impact from the states of the components it hits; `shown` is how many the page shows.

    Degraded is minor, a partial outage major, a major outage major too, and critical when it takes every component that
    the page shows. Statuspage publishes its own scale only in words ("a blend of component statuses"): one service that
    is gone among many is not the end of the company, all of them are. A person may override it.
    """
    major = sum(status == "major_outage" for status in statuses)
    if major and major >= shown:
        return "critical"
    if major or "partial_outage" in statuses:
        return "major"
    return "minor" if "degraded_performance" in statuses else "none"


def worse_impact(first: str, second: str) -> str:
    """Return the worse of two impacts: what an incident was at its worst is what history says of it."""
    return max(first, second, key=IMPACTS.index)


def _when(step: Step) -> tuple[datetime, int]:
    return step.at, step.order
