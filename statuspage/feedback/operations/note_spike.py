"""Say once in an incident's timeline that customers report more than chance explains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from incidents.models import Incident
from incidents.operations.locking import lock_incident
from ledger.actor import Actor
from ledger.models import Entry
from ledger.operations.append import append
from ledger.rules import JSON
from statuspage.feedback.signal import LATELY, ComponentSignal, signal_for
from statuspage.models import Report
from web import live

VERB: Final = "status.customers_report"


def note_spikes(now: datetime) -> list[UUID]:
    """Return the open incidents whose components customers report in numbers, and that were not told so yet.

    A handful of queries while anybody reports, one while nobody does.
    """
    recent = Report.objects.filter(at__gt=now - LATELY, at__lte=now, says=Report.Says.AFFECTED)
    components = set(recent.values_list("component_id", flat=True).distinct())
    if not components:
        return []
    about = Q(public_incidents__affected__component__in=components) | Q(service__components__in=components)
    incidents = Incident.objects.filter(about, status__in=Incident.OPEN).distinct()
    told = {f"incident:{pk}" for pk in incidents.values_list("pk", flat=True)}
    told = set(Entry.objects.filter(subject__in=told, verb=VERB).values_list("subject", flat=True))
    return [
        incident.pk
        for incident in incidents
        if incident.subject not in told and any(each.spike for each in signal_for(incident, now))
    ]


def note_spike(*, incident_id: UUID | str, now: datetime) -> bool:
    """Write the reports of the last 15 minutes into an open incident's chain, once for its whole life.

    Locks the incident, so that two engines write it once. Returns whether it was written now.
    """
    incident = lock_incident(incident_id)
    if not incident.is_open or Entry.objects.filter(subject=incident.subject, verb=VERB).exists():
        return False
    spikes = [each for each in signal_for(incident, now) if each.spike]
    if not spikes:
        return False
    append(subject=incident.subject, verb=VERB, by=Actor.system(), now=now, payload={"components": _counted(spikes)})
    live.changed(incident.subject)
    return True


def _counted(spikes: Sequence[ComponentSignal]) -> list[JSON]:
    return [{"name": each.name, "affected": each.affected} for each in spikes]
