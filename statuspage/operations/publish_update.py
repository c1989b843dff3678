"""Let customers read an update."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from people.models import Person
from statuspage.models import PublishingPolicy, StatusUpdate
from statuspage.operations.checking import check_stage
from statuspage.operations.contents import digest_of
from statuspage.operations.continue_automatic import continue_automatic, lock_incident_behind
from statuspage.operations.draft_update import check_open
from statuspage.operations.edit_draft import check_waiting
from statuspage.operations.locking import lock_update
from statuspage.operations.open_override import override_of
from statuspage.operations.recording import record
from statuspage.operations.take_effect import take_effect
from statuspage.rules.approval import refusal
from web.errors import BadInput, IllegalMove


def publish_update(
    *, update: StatusUpdate, person: Person | None, by: Actor, now: datetime, override_reason: str = ""
) -> StatusUpdate:
    """Publish an update: the page's state, its timeline, the files and the subscribers' messages follow from this row.

    It needs the approval that the publishing policy of the internal incident's severity asks for, or an open emergency
    override of `person` and a reason. Publishing it again changes nothing: of two who publish at once, one does. Locks
    the internal incident, the public one, the update, its components. Raises `BadInput` and `IllegalMove`.
    """
    lock_incident_behind(update)
    update = lock_update(update.pk)
    public = update.public_incident
    if update.state == StatusUpdate.State.PUBLISHED:
        return update
    check_waiting(update, doing="published")
    check_open(public)
    check_stage(update.stage, public)
    until = update.scheduled_until or public.scheduled_until
    if update.stage == "scheduled" and until is not None and until <= now:
        raise IllegalMove("This maintenance would be over already. Give it other times first.")
    approved = update.state == StatusUpdate.State.APPROVED and update.digest == digest_of(update)
    needed = policy_for(update).approvals
    override = override_of(person, now=now)
    sentence = refusal(
        approvals=needed, approved=approved, override_open=override is not None, override_reason=override_reason
    )
    if sentence:
        if update.state == StatusUpdate.State.APPROVED:
            sentence = "What was approved has changed since. " + sentence
        raise IllegalMove(sentence)
    if len(override_reason.strip()) > 300:
        raise BadInput("Say it in 300 characters.", errors={"override_reason": "Say it in 300 characters."})
    alone = bool(needed) and not approved
    if alone:
        update.override_reason = override_reason.strip()
    update = take_effect(continue_automatic(update, by=by, now=now), by=by, now=now)
    if alone:
        used = {"update": update.pk}
        record(
            update.public_incident,
            "status.override_used",
            by=by,
            now=now,
            payload=used,
            personal=update.override_reason,
        )
    return update


def policy_for(update: StatusUpdate) -> PublishingPolicy:
    """Return the publishing policy that holds for an update; where none is written, one other person must approve."""
    incident = update.public_incident.incident
    severity = incident.severity if incident is not None else 0
    return PublishingPolicy.objects.filter(pk=severity).first() or PublishingPolicy(severity=severity)
