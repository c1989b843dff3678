"""Two years of what customers were told, written down whole: some fifty incidents and maintenances."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from demonstration.cast import TIME_ZONE
from demonstration.status_page import Components
from demonstration.words import in_languages, texts_of, words
from people.models import Person
from statuspage.models import (
    AffectedComponent,
    ImpactChange,
    Mailing,
    PublicIncident,
    StatusPage,
    StatusUpdate,
    UpdateComponent,
)
from statuspage.rules.impact import impact_of

People = Mapping[str, Person]
SHOWN: Final = 8
"""Components on the page: an impact is critical when it takes them all."""


@dataclass(kw_only=True)
class Rows:
    """What is inserted at the end, a statement for each kind."""

    cam: Person
    vera: Person
    incidents: list[PublicIncident] = field(default_factory=list)
    updates: list[StatusUpdate] = field(default_factory=list)
    said: list[UpdateComponent] = field(default_factory=list)
    affected: list[AffectedComponent] = field(default_factory=list)
    impacts: list[ImpactChange] = field(default_factory=list)

    def say(
        self,
        public: PublicIncident,
        stage: str,
        texts: dict[str, str],
        *,
        at: datetime,
        promise: timedelta | None = None,
    ) -> StatusUpdate:
        """Add an update that Cam wrote and Vera let out."""
        update = StatusUpdate(
            public_incident=public,
            state=StatusUpdate.State.PUBLISHED,
            stage=stage,
            texts=texts,
            next_update_at=at + promise if promise else None,
            drafted_by=self.cam,
            drafted_by_name=self.cam.name,
            approved_by=self.vera,
            approved_at=at,
            display_at=at,
            published_at=at,
            created_at=at - timedelta(minutes=2),
            updated_at=at,
            version=3,
        )
        self.updates.append(update)
        return update

    def insert(self) -> None:
        """Write everything down."""
        PublicIncident.objects.bulk_create(self.incidents)
        StatusUpdate.objects.bulk_create(self.updates)
        UpdateComponent.objects.bulk_create(self.said)
        AffectedComponent.objects.bulk_create(self.affected)
        ImpactChange.objects.bulk_create(sorted(self.impacts, key=lambda row: row.at))
        Mailing.objects.bulk_create(
            Mailing(
                update=update,
                state=Mailing.State.DONE,
                figures={"sent": 38},
                started_at=update.created_at,
                ended_at=update.updated_at,
            )
            for update in self.updates
        )


def tell_public_past(people: People, components: Components, *, now: datetime) -> None:
    """Insert the past; the same each time, because a demonstration that changes by chance can't be talked about."""
    chance = random.Random(20_260_405)  # noqa: S311  (a story, no secret)
    rows, page = Rows(cam=people["Cam"], vera=people["Vera"]), components["dns"].page
    for story in words("past")["incidents"]:
        _incident(rows, page, story, components, _moment(now, story), chance)
    for story in words("past")["maintenance"]:
        _maintenance(rows, page, story, components, _moment(now, story))
    rows.insert()


def _moment(now: datetime, story: dict[str, Any]) -> datetime:
    day = now.astimezone(ZoneInfo(TIME_ZONE)).date() - timedelta(days=story["days_ago"])
    return datetime.combine(day, time.fromisoformat(story["at"]), tzinfo=ZoneInfo(TIME_ZONE))


def _incident(
    rows: Rows,
    page: StatusPage,
    story: dict[str, Any],
    components: Components,
    begins: datetime,
    chance: random.Random,
) -> None:
    lasts = timedelta(minutes=story["minutes"])
    heard, watched, over = begins + lasts * 0.12, begins + lasts * 0.75, begins + lasts
    hits = {components[key]: status for key, status in story["hits"].items()}
    name, names = in_languages(page, story["name"])
    public = PublicIncident(
        page=page,
        name=name,
        names=names,
        status="resolved",
        impact=impact_of(list(story["hits"].values()), shown=SHOWN),
        started_at=begins,
        published_at=heard,
        monitoring_at=watched,
        resolved_at=over,
        created_at=heard,
        updated_at=over,
        version=4,
    )
    rows.incidents.append(public)
    spoken = ", ".join(component.name for component in hits)
    first = rows.say(
        public, "investigating", _texts(story["type"], "investigating", spoken), at=heard, promise=timedelta(minutes=30)
    )
    rows.say(public, "identified", story["cause"], at=begins + lasts * 0.4, promise=timedelta(minutes=60))
    watching = rows.say(public, "monitoring", _texts(story["type"], "monitoring", spoken), at=watched)
    last = rows.say(public, "resolved", _texts(story["type"], "resolved", spoken), at=over)
    for component, status in hits.items():
        early = chance.random() < 0.4
        recovered = watched if early else over
        ends = watching if early else last
        rows.said += [
            UpdateComponent(update=first, component=component, old_status="operational", new_status=status),
            UpdateComponent(update=ends, component=component, old_status=status, new_status="operational"),
        ]
        _hit(rows, public, component, status, begins, recovered)


def _maintenance(rows: Rows, page: StatusPage, story: dict[str, Any], components: Components, begins: datetime) -> None:
    over = begins + timedelta(minutes=story["minutes"])
    announced = begins - timedelta(days=7)
    name, names = in_languages(page, story["name"])
    public = PublicIncident(
        page=page,
        kind=PublicIncident.Kind.MAINTENANCE,
        name=name,
        names=names,
        status="completed",
        impact="maintenance",
        started_at=begins,
        published_at=announced,
        resolved_at=over,
        scheduled_for=begins,
        scheduled_until=over,
        created_at=announced,
        updated_at=over,
        version=3,
    )
    rows.incidents.append(public)
    hit = [components[key] for key in story["components"]]
    spoken = ", ".join(component.name for component in hit)
    for stage, at in (("scheduled", announced), ("in_progress", begins), ("completed", over)):
        update = rows.say(public, stage, _texts("maintenance", stage, spoken), at=at)
        if stage != "scheduled":
            before, after = ("operational", "under_maintenance")[:: 1 if stage == "in_progress" else -1]
            rows.said += [
                UpdateComponent(update=update, component=component, old_status=before, new_status=after)
                for component in hit
            ]
    for component in hit:
        _hit(rows, public, component, "under_maintenance", begins, over)


def _hit(rows: Rows, public: PublicIncident, component: Any, status: str, begins: datetime, ends: datetime) -> None:
    rows.affected.append(
        AffectedComponent(
            public_incident=public, component=component, status="operational", since=begins, recovered_at=ends
        )
    )
    rows.impacts += [
        ImpactChange(component=component, source=public, status=said, at=at, recorded_at=at, by_name="Vera Novak")
        for said, at in ((status, begins), ("operational", ends))
    ]


def _texts(kind: str, stage: str, spoken: str) -> dict[str, str]:
    return texts_of(kind, stage, components=spoken)
