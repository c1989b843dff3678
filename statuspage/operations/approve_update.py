"""Be the second person: let an update out exactly as it was read."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from people.models import Person
from statuspage.models import StatusUpdate
from statuspage.operations.contents import digest_of
from statuspage.operations.draft_update import check_open, payload_of
from statuspage.operations.edit_draft import check_waiting
from statuspage.operations.locking import lock_update
from statuspage.operations.recording import record
from web.errors import IllegalMove


def approve_update(*, update: StatusUpdate, digest: str, person: Person, by: Actor, now: datetime) -> StatusUpdate:
    """Approve what `digest` stands for: the content that `person` read. Approving it again changes nothing.

    Raises `IllegalMove` for the person who wrote it, for a digest that is no longer what the draft says, and for what
    is published or discarded. Locks the public incident and the update.
    """
    update = lock_update(update.pk)
    check_waiting(update, doing="approved")
    check_open(update.public_incident)
    if update.drafted_by_id == person.pk:
        raise IllegalMove("You wrote this update yourself; another person has to approve it.")
    current = digest_of(update)
    if digest != current:
        raise IllegalMove("This update was changed since you read it. Read it again, then approve it.")
    if update.state == StatusUpdate.State.APPROVED and update.digest == current:
        return update
    update.state, update.digest = StatusUpdate.State.APPROVED, current
    update.approved_by, update.approved_at, update.updated_at = person, now, now
    update.version += 1
    update.save(update_fields=["state", "digest", "approved_by", "approved_at", "updated_at", "version"])
    payload = {**payload_of(update), "digest": current, "drafted_by": update.drafted_by_name}
    record(update.public_incident, "status.update_approved", by=by, now=now, payload=payload)
    return update
