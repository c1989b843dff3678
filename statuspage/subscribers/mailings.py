"""Mailings: a row for each receiver, in batches that go on where they stopped; what overtakes them; their end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from statuspage.models import Mailing, Notice, Subscriber
from statuspage.subscribers.receivers import receivers

BATCH: Final = 5_000
"""Subscribers looked at for one transaction: about 0.1 s, so that no lock is held for long."""
LEFTOVERS_FOR: Final = timedelta(hours=1)
"""Longer than any lease."""
OPEN: Final = (Mailing.State.PREPARING, Mailing.State.SENDING)


def open_mailings() -> list[int]:
    """Return the mailings that are not over, the oldest first."""
    return list(Mailing.objects.filter(state__in=OPEN).order_by("started_at", "pk").values_list("pk", flat=True))


def prepare(mailing_id: int, *, now: datetime) -> int:
    """Write the notices of the next batch of subscribers; return how many subscribers were looked at, 0 at the end.

    Nobody is written twice: the row is unique. Locks the mailing; another engine that prepares it is left to it.
    """
    with transaction.atomic():
        mailing = (
            Mailing.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            .select_related("update__public_incident")
            .filter(pk=mailing_id, state=Mailing.State.PREPARING)
            .first()
        )
        if mailing is None:
            return 0
        if _is_overtaken(mailing):
            _set_over(mailing, Mailing.State.OVERTAKEN, now=now)
            return 0
        last, looked_at = _next_part(mailing)
        if looked_at:
            _write_notices(mailing, up_to=last, now=now)
            mailing.prepared_to = last
        if looked_at < BATCH:
            mailing.state = Mailing.State.SENDING
        mailing.save(update_fields=["prepared_to", "state"])
        return looked_at


def overtake(mailing_id: int, *, now: datetime) -> int:
    """Withdraw one batch of what older updates of the same public incident have still waiting; return how many.

    Whoever would have got those gets this one (`receivers`).
    """
    older = Mailing.objects.filter(
        update__public_incident__updates__mailing=mailing_id, pk__lt=mailing_id, state__in=OPEN
    ).order_by("pk")
    gone = 0
    for each in list(older.values_list("pk", flat=True)):
        with transaction.atomic():
            mailing = (
                Mailing.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=each, state__in=OPEN).first()
            )
            if mailing is None:
                continue
            withdrawn = _withdraw(mailing)
            gone += withdrawn
            if withdrawn < BATCH:
                # What is under way now returns as sent; if it fails, `finish` withdraws it too.
                mailing.state = Mailing.State.OVERTAKEN
                mailing.ended_at = now
                mailing.save(update_fields=["state", "ended_at"])
    return gone


def finish(mailing_id: int, *, now: datetime) -> bool:
    """Close a mailing of which nothing waits or is under way; tell whether it was closed."""
    with transaction.atomic():
        mailing = (
            Mailing.objects.select_for_update(no_key=True, skip_locked=True)
            .filter(pk=mailing_id, state=Mailing.State.SENDING)
            .first()
        )
        unfinished = Notice.objects.filter(
            mailing_id=mailing_id, state__in=[Notice.State.PENDING, Notice.State.SENDING]
        )
        if mailing is None or unfinished.exists():
            return False
        _set_over(mailing, Mailing.State.DONE, now=now)
        return True


def withdraw_leftovers(*, now: datetime) -> int:
    """Withdraw what waits again after its mailing was overtaken, because its sender failed; return how many."""
    return Notice.objects.filter(
        state=Notice.State.PENDING,
        mailing__state=Mailing.State.OVERTAKEN,
        mailing__ended_at__gte=now - LEFTOVERS_FOR,
    ).update(state=Notice.State.OVERTAKEN)


def _is_overtaken(mailing: Mailing) -> bool:
    public = mailing.update.public_incident_id
    return Mailing.objects.filter(update__public_incident=public, pk__gt=mailing.pk).exists()


def _set_over(mailing: Mailing, state: str, *, now: datetime) -> None:
    if state == Mailing.State.OVERTAKEN:
        while _withdraw(mailing) == BATCH:
            pass
    mailing.state, mailing.ended_at = state, now
    mailing.save(update_fields=["state", "ended_at"])


def _withdraw(mailing: Mailing) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE statuspage_notice SET state = 'overtaken' WHERE id IN (SELECT id FROM statuspage_notice"
            " WHERE mailing_id = %s AND state = 'pending' LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)",
            [mailing.pk, BATCH],
        )
        return int(cursor.rowcount)


def _next_part(mailing: Mailing) -> tuple[UUID | None, int]:
    """Return the last of the next `BATCH` active subscribers of the page after `prepared_to`, and how many they are."""
    after = {"pk__gt": mailing.prepared_to} if mailing.prepared_to else {}
    page = mailing.update.public_incident.page_id
    ids = list(
        Subscriber.objects.filter(page=page, state=Subscriber.State.ACTIVE, **after)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    return (ids[-1] if ids else None), len(ids)


def _write_notices(mailing: Mailing, *, up_to: UUID | None, now: datetime) -> None:
    chosen = receivers(mailing.update).filter(pk__lte=up_to)
    if mailing.prepared_to:
        chosen = chosen.filter(pk__gt=mailing.prepared_to)
    # Addresses of one server come together by chance only: the ids they are ordered by are random.
    query, values = chosen.order_by("pk").values_list("pk", "channel").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO statuspage_notice"  # noqa: S608 - the query is Django's, its values are parameters
            " (mailing_id, subscriber_id, channel, state, due_at, fence, tries, repeated, code)"
            f" SELECT %s, chosen.*, 'pending', %s, 0, 0, false, '' FROM ({query}) AS chosen"
            " ON CONFLICT (mailing_id, subscriber_id) DO NOTHING",
            [mailing.pk, now, *values],
        )
