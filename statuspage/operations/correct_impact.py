"""Write down later what the timeline should have said: a row that takes another one's place, and both stay readable."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.models import AffectedComponent, ComponentStatus, ImpactChange
from statuspage.operations.locking import lock_components, lock_public_incident
from statuspage.operations.recording import record, record_page
from statuspage.operations.timeline import settle
from web.errors import BadInput, IllegalMove


def correct_impact(
    *, change: ImpactChange, status: str, at: datetime, reason: str, by: Actor, now: datetime
) -> ImpactChange:
    """Say that the component was in `status` from `at` on, instead of what `change` says; return the new row.

    The public incident's times for the component follow. Locks the public incident, then the component. Raises
    `BadInput`, and `IllegalMove` for a row that was corrected before: correct the newer one.
    """
    errors = {}
    if status not in ComponentStatus.values:
        errors["status"] = f"Choose one of {', '.join(ComponentStatus.values)}."
    if at > now:
        errors["at"] = "A timeline ends now; choose a time that is over."
    if not reason.strip():
        errors["reason"] = "Say why history is corrected; it stays in the ledger."
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
    public = lock_public_incident(change.source_id) if change.source_id else None
    component = lock_components([change.component_id])[change.component_id]
    if ImpactChange.objects.filter(supersedes=change).exists():
        raise IllegalMove("This was corrected already. Correct the row that took its place.")
    row = ImpactChange.objects.create(
        component=component,
        source=public,
        status=status,
        at=at,
        recorded_at=now,
        by_name=by.name[:100],
        supersedes=change,
    )
    settle([component], now=now)
    payload: dict[str, JSON] = {
        "component": component.pk,
        "component_name": component.name,
        "from": {"status": change.status, "at": change.at.isoformat()},
        "to": {"status": status, "at": at.isoformat()},
    }
    if public is None:
        record_page(component.page, "status.impact_corrected", by=by, now=now, payload=payload, personal=reason.strip())
        return row
    _follow(row, now=now)
    public.updated_at = now
    public.version += 1
    public.save(update_fields=["updated_at", "version"])
    record(public, "status.impact_corrected", by=by, now=now, payload=payload, personal=reason.strip(), publish=True)
    return row


def _follow(row: ImpactChange, *, now: datetime) -> None:
    """Set when the incident says that it hit the component, and when that was over."""
    standing = ImpactChange.objects.filter(
        component=row.component_id, source=row.source_id, superseded_by=None, at__lte=now
    )
    steps = list(standing.order_by("at", "id"))
    hit = [step for step in steps if step.status != "operational"]
    last = steps[-1]
    AffectedComponent.objects.filter(public_incident=row.source_id, component=row.component_id).update(
        status=last.status,
        since=hit[0].at if hit else last.at,
        recovered_at=last.at if last.status == "operational" else None,
    )
