"""Reopen an incident: it was not over."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from incidents.models import Incident, Muster, MusterSeat, MusterTier
from incidents.operations.call_people import call_people
from incidents.operations.call_tiers import call_tiers
from incidents.operations.locking import lock_incident, lock_open_pages
from incidents.operations.recording import Fact, record
from incidents.queries import severity_policy
from incidents.rules.lifecycle import reopened
from ledger.actor import Actor


def reopen(*, incident_id: UUID | str, by: Actor, now: datetime, reason: str = "") -> Incident:
    """Take a resolved, closed or declined incident back; leaders who had not answered are called again.

    Without a muster, the service's policy is paged anew. `reason` is free text. Raises `IllegalMove` for one that is
    merged; an open one stays as it is. Locks the incident, then its open pages.
    """
    incident = lock_incident(incident_id)
    if incident.is_open:
        return incident
    previous, incident.status = incident.status, reopened(now=incident.status)
    incident.resolved_at = incident.closed_at = None
    lock_open_pages(incident)
    record(
        incident,
        facts=[
            Fact(
                verb="incident.reopened",
                payload={"from": previous, "to": incident.status},
                personal=reason.strip(),
            )
        ],
        by=by,
        now=now,
        changed=["status", "resolved_at", "closed_at"],
    )
    _recall(incident, by=by, now=now)
    call_people(incident=incident, by=by, now=now)
    return incident


def _recall(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Call the tiers anew that were not complete; those who had confirmed stay confirmed."""
    muster = Muster.objects.filter(incident=incident).exclude(state=Muster.State.COMPLETE).first()
    if muster is None:
        return
    tiers = list(muster.tiers.exclude(state=MusterTier.State.COMPLETE).order_by("rank", "pk"))
    seats = MusterSeat.objects.filter(tier__in=tiers).exclude(state=MusterSeat.State.CONFIRMED)
    seats.filter(stands_in_for__isnull=False).delete()
    seats.update(state=MusterSeat.State.CALLED, called_at=now, via="")
    for tier in tiers:
        tier.state, tier.deadline = MusterTier.State.GATHERING, now + timedelta(seconds=tier.deadline_s)
    MusterTier.objects.bulk_update(tiers, ["state", "deadline"])
    Muster.objects.filter(pk=muster.pk).update(state=Muster.State.GATHERING, started_at=now)
    Incident.objects.filter(pk=incident.pk).update(muster_state=Incident.Muster.GATHERING)
    incident.muster_state = Incident.Muster.GATHERING
    call_tiers(incident=incident, tiers=tiers, policy=severity_policy(incident.severity), by=by, now=now)
