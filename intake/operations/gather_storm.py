"""A storm: many alerts of one rule in a short time are one incident with a count and one page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.merge import merge
from incidents.operations.rename import rename
from intake.models import Burst, RoutingRule


def gather_storm(*, rule: RoutingRule, burst: Burst, now: datetime) -> UUID | None:
    """Return the id of the storm's incident, locked: the first that the window opened, with the others merged into it.

    None when every incident of the window is over already: the caller opens one, and the next alert gathers there.
    `burst` is locked by the caller.
    """
    if burst.incident_id is not None:
        storm = _locked(burst.incident_id)
        if storm is not None:
            return storm
    window = list(
        Incident.objects.filter(
            opened_by_rule=rule.mark, opened_at__gte=burst.window_started_at, status__in=Incident.OPEN
        ).order_by("number")
    )
    if not window:
        return None
    first, *others = window
    for other in others:
        merge(incident_id=other.pk, into_id=first.pk, by=rule.actor, now=now)
    rename(incident_id=first.pk, title=f"Storm: {rule.name}, first “{first.title}”"[:200], by=rule.actor, now=now)
    burst.incident = first
    burst.save(update_fields=["incident"])
    return _locked(first.pk)


def _locked(incident_id: UUID) -> UUID | None:
    open_one = Incident.objects.select_for_update(no_key=True).filter(pk=incident_id, status__in=Incident.OPEN)
    return open_one.values_list("pk", flat=True).first()
