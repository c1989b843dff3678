"""What customers report about the components of an incident, against what is usual: a sign for the room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from incidents.models import Incident
from statuspage.feedback.rules import is_spike
from statuspage.models import Component, Report

LATELY: Final = timedelta(minutes=15)
COMPARED_WITH: Final = timedelta(days=7)
"""A week holds nights and weekends alike; longer ago is another company."""


@dataclass(frozen=True, kw_only=True)
class ComponentSignal:
    """A component's reports of the last 15 minutes. `usual` is the mean of 15 minutes in the week before."""

    component_id: str
    name: str
    affected: int
    works: int
    usual: float
    spike: bool


def signal_for(incident: Incident, now: datetime) -> list[ComponentSignal]:
    """Return what customers report about the components that an incident is about, most affected first.

    Those are the components of its public incidents and of its service. One query; none reported is left out.
    """
    about = Q(affected_by__public_incident__incident=incident)
    if incident.service_id is not None:
        about |= Q(services=incident.service_id)
    components = Component.objects.filter(about, archived_at=None).values("pk")
    return _signals(Q(component__in=components), now)


def signals_of_page(page_id: str, now: datetime) -> list[ComponentSignal]:
    """Return what customers report about the components of a page, most affected first."""
    return _signals(Q(component__page=page_id), now)


def _signals(which: Q, now: datetime) -> list[ComponentSignal]:
    since, before = now - LATELY, now - LATELY - COMPARED_WITH
    lately = Q(at__gt=since)
    rows = (
        Report.objects.filter(which, at__gt=before, at__lte=now)
        .values_list("component_id", "component__name")
        .annotate(
            affected=Count("pk", filter=lately & Q(says=Report.Says.AFFECTED)),
            works=Count("pk", filter=lately & Q(says=Report.Says.WORKS)),
            earlier=Count("pk", filter=~lately & Q(says=Report.Says.AFFECTED)),
        )
        .order_by("-affected", "component__name")
    )
    found = []
    for component, name, affected, works, earlier in rows:
        usual = earlier / (COMPARED_WITH / LATELY)
        found.append(
            ComponentSignal(
                component_id=component,
                name=name,
                affected=affected,
                works=works,
                usual=usual,
                spike=is_spike(lately=affected, usual=usual),
            )
        )
    return [each for each in found if each.affected or each.works]
