"""Anchor the heads outside the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F

from ledger.anchor_files import AnchoredHead, opened
from ledger.models import AnchorFolder, Head

BATCH = 1000


def anchor(*, folder: Path, now: datetime) -> int:
    """Write up to 1000 heads that moved since they were last anchored to `folder`; return how many are now marked so.

    The file is on disk before the database hears of it: a crash between the two anchors the same heads again. A head
    that somebody is writing to right now is anchored but not marked, because waiting for one incident's lock while
    holding another's would tie them together; the next call takes it again. Returns 0 while another process of this
    host is writing to `folder`.
    """
    with opened(folder) as log:
        if log is None:
            return 0
        moved = Head.objects.filter(seq__gt=F("anchored_seq")).order_by("subject")[:BATCH]
        heads = [AnchoredHead(subject=head.subject, seq=head.seq, hash=head.hash) for head in moved]
        if not heads:
            return 0
        chain = log.write(heads, now=now)
        with transaction.atomic():
            AnchorFolder.objects.update_or_create(id=log.id, defaults={"chain": chain, "at": now})
            return _mark(heads)


def _mark(heads: Sequence[AnchoredHead]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH anchored AS (SELECT * FROM unnest(%s::text[], %s::bigint[]) AS a (subject, seq)),"
            " free AS (SELECT subject FROM ledger_head WHERE subject = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED)"
            " UPDATE ledger_head AS head SET anchored_seq = anchored.seq FROM anchored JOIN free USING (subject)"
            " WHERE head.subject = anchored.subject AND head.anchored_seq < anchored.seq",
            [[head.subject for head in heads], [head.seq for head in heads], [head.subject for head in heads]],
        )
        marked: int = cursor.rowcount
    return marked
