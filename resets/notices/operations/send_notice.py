"""Send an approved notice, wave by wave; pause it, go on, call it off."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from engine import wake
from ledger.actor import Actor
from resets.models import Notice, Reset
from resets.notices.operations.changing import check_state, lock_notice, record
from resets.notices.texts import digest_of
from resets.rules.gates import LAST
from web.errors import BadInput, IllegalMove

DUTY = "reset_notices"


def send_notice(*, notice: Notice, through: int, by: Actor, now: datetime) -> Notice:
    """Write to the customers of the accounts through wave `through` (0 canary to 4 the rest); return the notice.

    Asking again, or for less, changes nothing. Raises `IllegalMove` for what nobody approved, and for an aborted reset.
    Locks the reset and the notice.
    """
    if not 0 <= through <= LAST:
        raise BadInput("There is no such wave.", errors={"through": f"0 (canary) to {LAST} (the rest)."})
    notice = lock_notice(notice)
    if notice.state in (Notice.State.SENDING, Notice.State.DONE, Notice.State.PAUSED) and through <= (
        -1 if notice.through is None else notice.through
    ):
        return notice
    check_state(notice, Notice.State.APPROVED, Notice.State.SENDING, Notice.State.PAUSED, doing="sent")
    if notice.reset.state in (Reset.State.DRAFT, Reset.State.ABORTED):
        raise IllegalMove(f"“{notice.reset.title}” is {notice.reset.get_state_display().lower()}; nobody is told.")
    if notice.approved_digest != digest_of(notice.texts, language=notice.language):
        raise IllegalMove("What would be sent is not what was approved. Approve it again.")
    if notice.state == Notice.State.APPROVED:
        notice.state = Notice.State.SENDING
    notice.through = through
    notice.warm_since = notice.warm_since or now
    notice.save(update_fields=["state", "through", "warm_since"])
    record(notice, "reset.notice_sent", by=by, now=now, payload={"through": through})
    wake.after_commit(DUTY)
    return notice


def pause_notice(*, notice: Notice, by: Actor, now: datetime) -> Notice:
    """Let no further letter leave; those a server is being given now still do. Locks the reset and the notice."""
    notice = lock_notice(notice)
    if notice.state == Notice.State.PAUSED:
        return notice
    check_state(notice, Notice.State.SENDING, doing="paused")
    notice.state, notice.paused_at = Notice.State.PAUSED, now
    notice.save(update_fields=["state", "paused_at"])
    record(notice, "reset.notice_paused", by=by, now=now)
    return notice


def resume_notice(*, notice: Notice, by: Actor, now: datetime) -> Notice:
    """Go on. The warming up goes on where it was when it was paused. Locks the reset and the notice."""
    notice = lock_notice(notice)
    if notice.state == Notice.State.SENDING:
        return notice
    check_state(notice, Notice.State.PAUSED, doing="resumed")
    if notice.reset.state == Reset.State.ABORTED:
        raise IllegalMove(f"“{notice.reset.title}” was aborted; nobody is told any more.")
    if notice.paused_at is not None and notice.warm_since is not None:
        notice.warm_since += max(now - notice.paused_at, now - now)
    notice.state, notice.paused_at = Notice.State.SENDING, None
    notice.tokens, notice.filled_at = 0, now
    notice.save(update_fields=["state", "paused_at", "warm_since", "tokens", "filled_at"])
    record(notice, "reset.notice_resumed", by=by, now=now)
    wake.after_commit(DUTY)
    return notice


def cancel_notice(*, notice: Notice, by: Actor, now: datetime) -> Notice:
    """Call a round off for good: what has not left is withdrawn. Locks the reset, the notice and its letters."""
    notice = lock_notice(notice)
    if notice.state == Notice.State.CANCELLED:
        return notice
    check_state(
        notice,
        *(Notice.State.DRAFT, Notice.State.APPROVED, Notice.State.SENDING, Notice.State.PAUSED),
        doing="cancelled",
    )
    notice.state, notice.ended_at = Notice.State.CANCELLED, now
    notice.save(update_fields=["state", "ended_at"])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE resets_noticeletter SET state = 'withdrawn' WHERE notice_id = %s AND state = 'pending'", [notice.pk]
        )
        withdrawn = cursor.rowcount
    record(notice, "reset.notice_cancelled", by=by, now=now, payload={"withdrawn": withdrawn})
    return notice
