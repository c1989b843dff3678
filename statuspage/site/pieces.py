"""What a page shows, in plain values: frozen, hashable, without the database. All times are aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from statuspage.rules.uptime import Day

Texts = tuple[tuple[str, str], ...]
"""Language code and text, in a fixed order."""


def text_in(texts: Texts, language: str, fallback: str) -> str:
    """Return the text in `language`, else in `fallback`, else whatever there is, else ""."""
    found = dict(texts)
    return found.get(language) or found.get(fallback) or next((text for _, text in texts if text), "")


@dataclass(frozen=True, kw_only=True)
class Uptime:
    """Percent of 90 days, 0 to 100; None where nothing was counted yet."""

    excluded: float | None
    included: float | None


@dataclass(frozen=True, kw_only=True)
class Group:
    """A heading over components."""

    id: str
    name: str
    names: Texts
    description: str
    position: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component with its last 90 days, oldest first; `days` is empty where `showcase` is off.

    An archived one is no longer shown, only named by the incidents that hit it.
    """

    id: str
    group_id: str | None
    name: str
    names: Texts
    description: str
    position: int
    status: str
    showcase: bool
    only_show_if_degraded: bool
    archived: bool
    start_date: date | None
    created_at: datetime
    updated_at: datetime
    days: tuple[Day, ...]
    uptime: Uptime


@dataclass(frozen=True, kw_only=True)
class Affected:
    """A component that an incident hits, with its own recovery; of a maintenance: what it is while that runs."""

    component_id: str
    status: str
    since: datetime
    recovered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ComponentChange:
    """What an update said of a component. `name` is written as "Group - Component" where it stands in a group."""

    component_id: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, kw_only=True)
class Update:
    """One published word. `display_at` is the moment it speaks of, `published_at` when customers could read it."""

    id: str
    stage: str
    texts: Texts
    deliver: bool
    automatic: bool
    display_at: datetime
    published_at: datetime
    created_at: datetime
    updated_at: datetime
    components: tuple[ComponentChange, ...]


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A customer's words that staff let through, and their answer."""

    id: int
    name: str
    text: str
    reply: str
    created_at: datetime
    replied_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A step of the timeline that was put right afterwards: since `at` the component was `status`."""

    component_id: str
    status: str
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A public incident or maintenance; `updates` newest first, never empty. `impact` is what customers are told.

    `servers` are the names of those it hits; empty: all of its components'.
    """

    id: str
    kind: str
    name: str
    names: Texts
    status: str
    impact: str
    started_at: datetime
    published_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    next_update_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    automatic: bool
    created_at: datetime
    updated_at: datetime
    version: int
    affected: tuple[Affected, ...]
    updates: tuple[Update, ...]
    comments: tuple[Comment, ...]
    servers: tuple[str, ...]
    corrections: tuple[Correction, ...]

    @property
    def is_maintenance(self) -> bool:
        """Tell whether it was planned."""
        return self.kind == "maintenance"

    @property
    def is_open(self) -> bool:
        """Tell whether customers wait for more: an unresolved incident, a maintenance that is not completed."""
        return self.status not in ("resolved", "postmortem", "completed")

    @property
    def is_cancelled(self) -> bool:
        """Tell whether it is a maintenance that was called off: completed without ever having begun."""
        return self.status == "completed" and not {each.stage for each in self.updates} & {"in_progress", "verifying"}


@dataclass(frozen=True, kw_only=True)
class Point:
    """A value of a metric at a moment."""

    at: datetime
    value: float


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure with the points of its last day, oldest first, five minutes each."""

    id: str
    name: str
    unit: str
    decimals: int
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A machine customers know by name. `file` is its safe file name without ending; `hits` are ids of what hits it."""

    name: str
    file: str
    hits: tuple[str, ...]
