"""Seal old entries: they leave the database as an export, and their digest stays."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.transaction import TransactionManagementError

from ledger.actor import Actor
from ledger.chains import SEALED
from ledger.export import export_entries, export_texts
from ledger.models import Entry, Head, PersonalText, Segment
from ledger.operations.append import append
from ledger.rules import GENESIS, Link, sealed_digest

BATCH = 1000


def seal(*, subject: str, before: datetime, folder: Path, by: Actor, now: datetime) -> Segment | None:
    """Move the entries of `subject` up to the first one at or after `before` into a file in `folder`; return the
    segment that stands for them, or None where nothing but earlier seals is that old.

    In the caller's transaction; locks the subject's head for the time of the export, which is meant for what is long
    closed. The file (mode 0600) is on disk before the entries are deleted, and the seal is itself an entry. Personal
    texts go to a second file beside it, `….texts.jsonl`, so that they can be erased there. Raises `Broken` where the
    chain is not whole: nothing is sealed over a break.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Entries are sealed inside a transaction.")
    if not list(Head.objects.select_for_update(no_key=True).filter(subject=subject)):
        return None
    earlier = Segment.objects.filter(subject=subject).order_by("-last_seq").first()
    after = Link(seq=earlier.last_seq, hash=earlier.last_hash) if earlier else Link()
    up_to = _last_before(subject, before, after)
    span = {"subject": subject, "seq__gt": after.seq, "seq__lte": up_to}
    old = Entry.objects.filter(**span)
    if not old.exclude(verb=SEALED).exists():
        return None
    file = f"{subject.replace(':', '=')}-{after.seq + 1}-{up_to}.jsonl"
    digest, end = export_entries(old.order_by("seq").iterator(BATCH), subject=subject, after=after, to=folder / file)
    texts = PersonalText.objects.filter(**span).order_by("seq")
    export_texts(texts.iterator(BATCH), to=(folder / file).with_suffix(".texts.jsonl"))
    segment = Segment(
        subject=subject, first_seq=after.seq + 1, last_seq=end.seq, last_hash=end.hash, file=file, digest=digest
    )
    segment.hash = sealed_digest(
        subject=subject,
        first_seq=segment.first_seq,
        last_seq=end.seq,
        last_hash=end.hash,
        file=file,
        digest=digest,
        previous=earlier.hash if earlier else GENESIS,
    )
    segment.save(force_insert=True)
    _delete(segment)
    append(
        subject=subject,
        verb=SEALED,
        by=by,
        now=now,
        payload={
            "digest": digest,
            "file": file,
            "first_seq": segment.first_seq,
            "last_seq": end.seq,
            "segment": segment.hash,
        },
    )
    return segment


def _last_before(subject: str, before: datetime, after: Link) -> int:
    entries = Entry.objects.filter(subject=subject, seq__gt=after.seq).order_by("seq")
    first_young = entries.filter(at__gte=before).values_list("seq", flat=True).first()
    if first_young is not None:
        return first_young - 1
    return entries.values_list("seq", flat=True).last() or after.seq


def _delete(segment: Segment) -> None:
    """Delete what the segment stands for. The guards let it pass for this transaction and these entries only."""
    span: list[str | int] = [segment.subject, segment.first_seq, segment.last_seq]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('muster.ledger_sealing', 'on', true), set_config('muster.ledger_erasing', 'on', true)"
        )
        cursor.execute("DELETE FROM ledger_personaltext WHERE subject = %s AND seq BETWEEN %s AND %s", span)
        cursor.execute("DELETE FROM ledger_entry WHERE subject = %s AND seq BETWEEN %s AND %s", span)
        cursor.execute(
            "SELECT set_config('muster.ledger_sealing', 'off', true), set_config('muster.ledger_erasing', 'off', true)"
        )
