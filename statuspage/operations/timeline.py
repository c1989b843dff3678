"""Add to components' timelines, and bring their states up to what the timelines say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from statuspage.models import Component, ImpactChange, PublicIncident
from statuspage.rules.impact import worst


def says(source: PublicIncident | None, components: Iterable[Component], *, now: datetime) -> dict[str, str]:
    """Return what a source says of each component at `now`; a component it never spoke of is missing."""
    rows = _standing(components, now=now).filter(source=source)
    return {row.component_id: row.status for row in rows}


def add_steps(
    statuses: Mapping[str, str],
    *,
    components: Mapping[str, Component],
    source: PublicIncident | None,
    at: datetime,
    now: datetime,
    by_name: str,
) -> list[ImpactChange]:
    """Let a source say these states from `at` on, where they differ from what it said; return the rows added.

    The components are locked by the caller, and theirs are brought up by `settle` afterwards.
    """
    before = says(source, components.values(), now=now)
    return ImpactChange.objects.bulk_create(
        ImpactChange(
            component=components[pk], source=source, status=status, at=at, recorded_at=now, by_name=by_name[:100]
        )
        for pk, status in statuses.items()
        if before.get(pk, "operational") != status
    )


def settle(components: Sequence[Component], *, now: datetime) -> list[Component]:
    """Set each locked component's state to the worst that its sources say at `now`; return those that changed."""
    said: dict[str, list[str]] = {}
    for row in _standing(components, now=now):
        said.setdefault(row.component_id, []).append(row.status)
    changed = []
    for component in components:
        status = worst(said.get(component.pk, []))
        if component.status != status:
            component.status, component.updated_at = status, now
            changed.append(component)
    Component.objects.bulk_update(changed, ["status", "updated_at"])
    return changed


def _standing(components: Iterable[Component], *, now: datetime) -> QuerySet[ImpactChange, ImpactChange]:
    """Return the row by which each source speaks of each component at `now`."""
    return (
        ImpactChange.objects.filter(component__in=list(components), superseded_by=None, at__lte=now)
        .order_by("component_id", "source_id", "-at", "-id")
        .distinct("component_id", "source_id")
    )
