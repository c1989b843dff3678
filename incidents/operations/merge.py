"""Merge an incident into another: they are the same trouble."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident
from incidents.operations.call_people import call_people
from incidents.operations.change_severity import change_severity
from incidents.operations.locking import lock_two
from incidents.operations.recording import Fact, record
from incidents.registry import mergings
from incidents.rules.lifecycle import check_merge, check_move
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.cancel_pages import cancel_pages


def merge(*, incident_id: UUID | str, into_id: UUID | str, by: Actor, now: datetime, reason: str = "") -> Incident:
    """Make an open incident part of another open one; return the one that remains.

    Its pages become cancelled (merged) and its alerts move along; where the one that remains has nobody, those whom it
    needs are called. If it was worse, the one that remains takes its
    severity, so that no leader stops being called silently. `reason` is free text. Raises `IllegalMove` for one that
    ended, for itself and for a circle. Locks both incidents in the order of their ids, then pages.
    """
    incident, into = lock_two(incident_id, into_id)
    if incident.status == Incident.Status.MERGED and incident.merged_into_id == into.pk:
        return into
    check_merge(child=str(incident.pk), into=str(into.pk), into_status=into.status, into_number=into.number)
    check_move(now=incident.status, to=Incident.Status.MERGED)
    stopped = cancel_pages(subject=incident.subject, reason=Page.CancelReason.MERGED, by=by, now=now)
    if stopped:
        # Somebody was being called. Where nobody holds a page of the one that remains, that must not end in silence.
        into.service = into.service or incident.service
        call_people(incident=into, by=by, now=now)
    incident.status, incident.merged_into, incident.closed_at = Incident.Status.MERGED, into, now
    incident.suggestion = incident.trouble = ""
    mergings.follow(incident, into, now)
    record(
        incident,
        facts=[
            Fact(
                verb="incident.merged",
                payload={"into": into.number, "into_id": str(into.pk)},
                personal=reason.strip(),
            )
        ],
        by=by,
        now=now,
        changed=["status", "merged_into", "closed_at", "suggestion", "trouble"],
    )
    record(
        into,
        facts=[
            Fact(
                verb="incident.merged",
                payload={
                    "from": incident.number,
                    "from_id": str(incident.pk),
                    "from_title": "" if incident.private else incident.title,
                },
                personal=reason.strip(),
            )
        ],
        by=by,
        now=now,
        changed=["service"],
    )
    if incident.severity < into.severity:
        because = f"Incident {incident.number} was merged into it and is {severity_name(incident.severity)}."
        return change_severity(incident_id=into.pk, severity=incident.severity, by=by, now=now, reason=because)
    return into
