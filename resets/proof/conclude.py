"""Make the completion report: the facts as they stand, kept, with their fingerprint in the ledger."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from ledger.actor import Actor
from resets.models import CompletionReport, Reset
from resets.news import News
from resets.operations.locking import locked
from resets.proof.export import digest
from resets.proof.report import report


def conclude(*, reset: Reset, by: Actor, now: datetime) -> CompletionReport:
    """Keep the facts of a reset with the digest of what became of each account; return them.

    May be made more than once; the last one counts. Reads every account, so it blocks, and runs outside any
    transaction. Locks the reset at the end.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("A million accounts are read outside any transaction.")
    outcomes = digest(reset, form="jsonl")
    with transaction.atomic():
        reset = locked(reset)
        facts = report(reset)
        row = CompletionReport.objects.create(
            reset=reset,
            facts=facts.plain(),
            fingerprint=facts.fingerprint(),
            outcomes_sha256=outcomes,
            made_by_name=by.name[:100],
            made_at=now,
        )
        news = News(reset, by=by, now=now)
        news.say("reset.reported", {"fingerprint": row.fingerprint, "outcomes": outcomes, "accounts": reset.count})
        news.publish()
    return row
