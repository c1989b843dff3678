"""Write the letters of a round: one for each address, a batch at a time, going on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from ledger.actor import Actor
from resets.models import Notice, NoticeLetter
from resets.notices.operations.changing import record
from resets.rules.gates import LAST

BATCH: Final = 5_000
"""Accounts looked at for one transaction: about 0.1 s, so that no lock is held for long."""

_EXTENT: Final = """
SELECT count(*), max(position), min(position) FILTER (WHERE wave > %(through)s)
FROM (SELECT position, wave FROM resets_account WHERE reset_id = %(reset)s AND position >= %(first)s
      ORDER BY position LIMIT %(batch)s) AS next
"""
_WITHOUT: Final = """
SELECT count(*) FROM resets_account
WHERE reset_id = %(reset)s AND position >= %(first)s AND position < %(end)s AND email = ''
"""
# One mail for each address, whoever of its accounts comes first: they are ordered by wave.
_WRITE: Final = """
INSERT INTO resets_noticeletter
    (notice_id, channel, address, language, wave, state, due_at, fence, tries, repeated, code)
SELECT DISTINCT ON (lower(a.email)) %(notice)s, 'email', lower(a.email),
    CASE WHEN split_part(replace(lower(a.language), '_', '-'), '-', 1) = ANY(%(languages)s)
         THEN split_part(replace(lower(a.language), '_', '-'), '-', 1) ELSE %(language)s END,
    a.wave, 'pending', %(now)s, 0, 0, false, ''
FROM resets_account a
WHERE a.reset_id = %(reset)s AND a.position >= %(first)s AND a.position < %(end)s AND a.email <> '' {further}
ORDER BY lower(a.email), a.position
ON CONFLICT (notice_id, channel, address) DO NOTHING
"""
_NOT_RESET: Final = """
    AND NOT EXISTS (SELECT FROM resets_return r WHERE r.account_id = a.id)
    AND NOT EXISTS (SELECT FROM resets_noticeletter l JOIN resets_notice n ON n.id = l.notice_id
                    WHERE n.reset_id = %(reset)s AND l.address = lower(a.email) AND l.state = 'bounced')
"""


@dataclass(frozen=True)
class _Extent:
    """Accounts from `first` (included) to `end` (not included)."""

    looked_at: int
    end: int


def open_notices() -> list[int]:
    """Return the rounds that are being sent, the oldest first."""
    return list(Notice.objects.filter(state=Notice.State.SENDING).order_by("pk").values_list("pk", flat=True))


def write_letters(notice_id: int, *, now: datetime) -> int:
    """Write the letters for the next accounts; return how many accounts were looked at, 0 at the end of its waves.

    Nobody is written twice: the row is unique. Locks the notice; another engine that writes it is left to it.
    """
    with transaction.atomic():
        notice = _locked(notice_id)
        if notice is None or notice.through is None:
            return 0
        extent = _next(notice)
        if not extent.looked_at:
            return 0
        values: dict[str, Any] = {
            "notice": notice.pk,
            "reset": notice.reset_id,
            "first": notice.prepared_to,
            "end": extent.end,
            "language": notice.language,
            "languages": sorted(notice.texts),
            "now": now,
        }
        further = _NOT_RESET if is_reminder(notice) else ""
        with connection.cursor() as cursor:
            cursor.execute(_WITHOUT, values)
            notice.without_address += int(cursor.fetchone()[0])
            cursor.execute(_WRITE.format(further=further), values)
        notice.prepared_to = extent.end
        notice.save(update_fields=["prepared_to", "without_address"])
        return extent.looked_at


def finish(notice_id: int, *, now: datetime) -> bool:
    """Close a round that went to every wave and of which nothing waits or is under way; tell whether it was closed."""
    with transaction.atomic():
        # The reset first, as everywhere: closing writes into its chain.
        notice = Notice.objects.select_related("reset").filter(pk=notice_id, state=Notice.State.SENDING).first()
        if notice is None or notice.through != LAST or _next(notice).looked_at:
            return False
        unfinished = NoticeLetter.objects.filter(
            notice=notice, state__in=[NoticeLetter.State.PENDING, NoticeLetter.State.SENDING]
        )
        if unfinished.exists():
            return False
        closed = Notice.objects.filter(pk=notice_id, state=Notice.State.SENDING).update(
            state=Notice.State.DONE, ended_at=now
        )
        if closed:
            sent = NoticeLetter.objects.filter(notice=notice, state=NoticeLetter.State.SENT).count()
            record(notice, "reset.notice_done", by=Actor.system(), now=now, payload={"sent": sent})
        return bool(closed)


def is_reminder(notice: Notice) -> bool:
    """Tell whether this round goes only to those who have not set a password of their own."""
    return (
        notice.round > 0 and NoticeLetter.objects.filter(notice__reset=notice.reset_id, notice__lt=notice.pk).exists()
    )


def _locked(notice_id: int) -> Notice | None:
    rows = Notice.objects.select_for_update(no_key=True, skip_locked=True)
    return rows.filter(pk=notice_id, state=Notice.State.SENDING).first()


def _next(notice: Notice) -> _Extent:
    with connection.cursor() as cursor:
        cursor.execute(
            _EXTENT,
            {
                "through": notice.through,
                "reset": notice.reset_id,
                "first": notice.prepared_to,
                "batch": BATCH,
            },
        )
        count, last, beyond = cursor.fetchone()
    if not count:
        return _Extent(0, notice.prepared_to)
    end = last + 1 if beyond is None else beyond
    return _Extent(end - notice.prepared_to, end)
