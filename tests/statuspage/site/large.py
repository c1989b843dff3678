"""A large company's page: hundreds of components and years of history, written at once."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from statuspage.models import (
    AffectedComponent,
    Component,
    ComponentGroup,
    ImpactChange,
    PublicIncident,
    StatusPage,
    StatusUpdate,
    UpdateComponent,
)
from tests.builders import NOW
from tests.statuspage.builders import make_page

STATES = ("degraded_performance", "partial_outage", "major_outage")
STAGES = ("investigating", "identified", "monitoring", "resolved")


def large_page(*, components: int = 200, incidents: int = 1500, years: int = 5, slug: str = "") -> StatusPage:
    """Return a page whose last incident is open; the same one each time."""
    dice = random.Random(42)  # noqa: S311  (no secret: the same page each time)
    born = NOW - timedelta(days=365 * years)
    page = make_page(now=NOW, slug=slug, languages=["de", "fr", "es", "nl"])
    groups = ComponentGroup.objects.bulk_create(
        ComponentGroup(page=page, name=f"Region {number}", position=number, created_at=born, updated_at=born)
        for number in range(20)
    )
    made = Component.objects.bulk_create(
        Component(
            page=page,
            group=groups[number % 20],
            name=f"Service {number}",
            position=number,
            created_at=born,
            updated_at=born,
        )
        for number in range(components)
    )
    step = timedelta(days=365 * years) / incidents
    told = PublicIncident.objects.bulk_create(_incident(page, NOW - step * number) for number in range(incidents))
    hits = [(incident, component, dice.choice(STATES)) for incident in told for component in dice.sample(made, 2)]
    AffectedComponent.objects.bulk_create(
        AffectedComponent(
            public_incident=incident,
            component=component,
            status=state if incident.resolved_at is None else "operational",
            since=incident.started_at,
            recovered_at=incident.resolved_at,
        )
        for incident, component, state in hits
    )
    ImpactChange.objects.bulk_create(
        ImpactChange(component=component, source=incident, status=state, at=at, recorded_at=at)
        for incident, component, worst in hits
        for state, at in ((worst, incident.started_at), ("operational", incident.resolved_at))
        if at is not None
    )
    updates = StatusUpdate.objects.bulk_create(_update(incident, place) for incident in told for place in range(4))
    UpdateComponent.objects.bulk_create(
        UpdateComponent(update=updates[4 * place // 2], component=component, old_status="operational", new_status=state)
        for place, (_, component, state) in enumerate(hits)
    )
    for component in {component.pk: state for incident, component, state in hits if not incident.resolved_at}.items():
        Component.objects.filter(pk=component[0]).update(status=component[1])
    return page


def _incident(page: StatusPage, at: datetime) -> PublicIncident:
    is_open = at == NOW
    return PublicIncident(
        page=page,
        name=f"Trouble of {at:%d %B %Y}",
        status="monitoring" if is_open else "resolved",
        impact="major",
        started_at=at,
        published_at=at,
        resolved_at=None if is_open else at + timedelta(hours=2),
        created_at=at,
        updated_at=at + timedelta(hours=2),
    )


def _update(incident: PublicIncident, place: int) -> StatusUpdate:
    at = incident.started_at + timedelta(minutes=40 * place)
    return StatusUpdate(
        public_incident=incident,
        state=StatusUpdate.State.PUBLISHED,
        stage=STAGES[min(place, 2) if incident.resolved_at is None else place],
        texts={
            "en": "We are working on it, and tell you more as soon as we know it. " * 4,
            "de": "Wir arbeiten daran und melden uns, sobald wir mehr wissen. " * 4,
        },
        display_at=at,
        published_at=at,
        created_at=at,
        updated_at=at,
    )
