"""Be the second person: let customers be told exactly what was read."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from people.models import Person
from resets.models import Notice
from resets.notices.operations.changing import check_state, lock_notice, record
from resets.notices.texts import digest_of
from web.errors import IllegalMove


def approve_notice(*, notice: Notice, digest: str, person: Person, by: Actor, now: datetime) -> Notice:
    """Approve the texts that `digest` (`notices.texts.digest_of`) stands for. Approving them again changes nothing.

    Raises `IllegalMove` for everybody who wrote in it, for a digest that is no longer what it says, and for a notice
    that is on its way or over. Locks the reset and the notice.
    """
    notice = lock_notice(notice)
    current = digest_of(notice.texts, language=notice.language)
    if notice.state == Notice.State.APPROVED and notice.approved_digest == digest == current:
        return notice
    check_state(notice, Notice.State.DRAFT, doing="approved")
    if str(person.pk) in notice.writers:
        raise IllegalMove("You wrote in this notice yourself; another person has to approve it.")
    if digest != current:
        raise IllegalMove("This notice was changed since you read it. Read it again, then approve it.")
    notice.state, notice.approved_digest = Notice.State.APPROVED, current
    notice.approved_by, notice.approved_at = person, now
    notice.save(update_fields=["state", "approved_digest", "approved_by", "approved_at"])
    payload = {"digest": current, "drafted_by": notice.drafted_by_name}
    record(notice, "reset.notice_approved", by=by, now=now, payload={**payload})
    return notice
