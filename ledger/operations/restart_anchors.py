"""Begin the anchors anew, after the database was restored from a backup."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from ledger import anchor_files
from ledger.actor import Actor
from ledger.models import AnchorFolder
from ledger.operations.anchor import anchor
from ledger.operations.append import append

SUBJECT = "settings:ledger"


def restart_anchors(*, folder: Path, reason: str, by: Actor, now: datetime) -> Path:
    """Move what `folder` holds into a folder beneath it, record who did it and why, and anchor every head anew.

    A restored database lacks what came after its backup, and verification would name that for ever. The old anchors are
    kept: they prove what was lost. Returns where they are. Not to be called inside a transaction, because files cannot
    be rolled back: a crash in between leaves the folder moved away, which verification names; a second call ends it.
    Raises `BlockingIOError` while an engine of this host is writing to `folder`.
    """
    with anchor_files.opened(folder) as log:
        if log is None:
            raise BlockingIOError(f"An engine is writing to {folder}. Try again.")
        kept = anchor_files.put_away(folder, now=now)
        with transaction.atomic():
            append(
                subject=SUBJECT,
                verb="ledger.anchors_restarted",
                by=by,
                now=now,
                payload={"folder": log.id, "kept": kept.name},
                personal=reason,
            )
            AnchorFolder.objects.filter(id=log.id).delete()
            _forget_marks()
    while anchor(folder=folder, now=now):
        pass
    return kept


def _forget_marks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('muster.ledger_anchoring_anew', 'on', true)")
        cursor.execute(
            "WITH marked AS (SELECT subject FROM ledger_head WHERE anchored_seq > 0 ORDER BY subject FOR NO KEY UPDATE)"
            " UPDATE ledger_head AS head SET anchored_seq = 0 FROM marked WHERE head.subject = marked.subject"
        )
        cursor.execute("SELECT set_config('muster.ledger_anchoring_anew', 'off', true)")
