"""Incidents, updates and components as one language tells them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from statuspage.site.addresses import incident_path
from statuspage.site.pieces import Comment, Component, ComponentChange, Group, Incident, Update, text_in
from statuspage.site.snapshot import PageSnapshot
from statuspage.site.words import CANCELLED, IMPACT, STAGE, STATUS, Told

LATER: Final = timedelta(minutes=15)
"""An update that speaks of a moment so long before it was published was recorded later, and says so."""
EDITED: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class ShownUpdate:
    """One word to customers in one language. `recorded_at`, `edited_at`: set where history was written afterwards."""

    id: str
    stage: Told
    text: str
    at: datetime
    recorded_at: datetime | None
    edited_at: datetime | None
    automatic: bool
    changes: list[tuple[str, Told]]


@dataclass(frozen=True)
class ShownAffected:
    """A component that is or was hit. `lasted_s`: until it recovered, None while it has not."""

    id: str
    name: str
    state: Told
    since: datetime
    recovered_at: datetime | None
    lasted_s: float | None


@dataclass(frozen=True)
class ShownCorrection:
    """What was put right afterwards: since `at` the component was in this state."""

    name: str
    state: Told
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class ShownIncident:
    """An incident or maintenance in one language; `updates` newest first. `ended_at` is None while it is open.

    `is_planned`: a maintenance that has not begun, so that nothing of it is felt yet.
    """

    id: str
    name: str
    path: str
    tone: str
    stage: Told
    impact: Told
    is_maintenance: bool
    is_planned: bool
    is_open: bool
    started_at: datetime
    ended_at: datetime | None
    next_update_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    updates: list[ShownUpdate]
    affected: list[ShownAffected]
    servers: tuple[str, ...]
    comments: tuple[Comment, ...]
    corrections: list[ShownCorrection]

    @property
    def newest(self) -> ShownUpdate:
        """Return what was said last."""
        return self.updates[0]

    @property
    def earlier(self) -> list[ShownUpdate]:
        """Return what was said before."""
        return self.updates[1:]

    @property
    def began_at(self) -> datetime:
        """Return when it began, or was planned to."""
        return self.scheduled_for or self.started_at

    @property
    def lasted_s(self) -> float | None:
        """Return how long it lasted, in seconds; None while it is open."""
        return (
            (self.ended_at - self.began_at).total_seconds() if self.ended_at and self.ended_at > self.began_at else None
        )


@dataclass(frozen=True)
class ShownStretch:
    """A day with what began on it, or quiet days side by side."""

    first: date
    last: date
    incidents: list[ShownIncident]


class Teller:
    """Tells a page's pieces in one language, falling back to the page's own."""

    def __init__(self, page: PageSnapshot, language: str) -> None:
        """Make a teller; words of ours follow the active translation when they are written out."""
        self.page = page
        self.language = language
        self._names = {each.id: self.name(each) for each in page.all_components}

    def name(self, named: Component | Group | Incident) -> str:
        """Return what something is called."""
        return dict(named.names).get(self.language) or named.name

    def incidents(self, incidents: Iterable[Incident]) -> list[ShownIncident]:
        """Return some incidents as they are shown."""
        return [self.incident(each) for each in incidents]

    def incident(self, incident: Incident) -> ShownIncident:
        """Return an incident as it is shown."""
        ended = None if incident.is_open else incident.resolved_at or incident.updates[0].display_at
        return ShownIncident(
            id=incident.id,
            name=self.name(incident),
            path=incident_path(incident.id),
            tone=IMPACT[incident.impact].tone if incident.is_open else "none",
            stage=CANCELLED if incident.is_cancelled else STAGE[incident.status],
            impact=IMPACT[incident.impact],
            is_maintenance=incident.is_maintenance,
            is_planned=incident.is_maintenance and incident.status == "scheduled",
            is_open=incident.is_open,
            started_at=incident.started_at,
            ended_at=ended,
            next_update_at=incident.next_update_at if incident.is_open else None,
            scheduled_for=incident.scheduled_for,
            scheduled_until=incident.scheduled_until,
            updates=[self._update(each) for each in incident.updates],
            affected=[
                ShownAffected(
                    id=each.component_id,
                    name=self._names.get(each.component_id, ""),
                    state=STATUS["operational" if each.recovered_at else each.status],
                    since=each.since,
                    recovered_at=each.recovered_at,
                    lasted_s=(each.recovered_at - each.since).total_seconds() if each.recovered_at else None,
                )
                for each in incident.affected
            ],
            servers=incident.servers,
            comments=incident.comments,
            corrections=[
                ShownCorrection(self._names.get(each.component_id, ""), STATUS[each.status], each.at, each.recorded_at)
                for each in incident.corrections
            ],
        )

    def _update(self, update: Update) -> ShownUpdate:
        edited = update.updated_at - max(update.published_at, update.created_at) > EDITED
        return ShownUpdate(
            id=update.id,
            stage=STAGE[update.stage],
            text=text_in(update.texts, self.language, self.page.language),
            at=update.display_at,
            recorded_at=update.published_at if update.published_at - update.display_at > LATER else None,
            edited_at=update.updated_at if edited else None,
            automatic=update.automatic,
            changes=[self._change(each) for each in update.components if each.old_status != each.new_status],
        )

    def _change(self, change: ComponentChange) -> tuple[str, Told]:
        return self._names.get(change.component_id, change.name), STATUS[change.new_status]
