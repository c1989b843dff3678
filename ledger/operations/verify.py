"""Verify that the ledger is as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from django.db import connection, transaction

from ledger import anchor_files
from ledger.anchor_files import AnchoredHead, BrokenAnchors, Extent
from ledger.chains import Break, Broken, Chain
from ledger.models import AnchorFolder, Segment
from ledger.streams import opened

BATCH: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was found: the first break, or None, and how much was looked at."""

    broken: Break | None
    subjects: int
    anchors: int


def verify(*, anchors: Sequence[Path], subject: str | None = None, segments: Path | None = None) -> Verified:
    """Check every chain (or that of `subject`), then the anchors in the folders `anchors` and the files of the sealed
    segments under `segments`; stop at the first break. Reads one snapshot of the database in batches, so that it runs
    beside everything else, in constant memory. To be called outside a transaction.

    A folder must reach at least as far as the database knows, by the folder's `id`; so does a copy of it: copy before
    you verify. A host whose engine never anchored has none: name a folder that has.
    """
    # In this order: what the database knows of a folder is in its files by now, and what the files hold by now is in
    # the snapshot that is taken after it.
    known_ends = dict(AnchorFolder.objects.values_list("id", "chain"))
    extents = [anchor_files.extent(folder) for folder in anchors]
    seen = _Seen()
    try:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            _check_chains(subject, seen)
            for extent in extents:
                _check_anchors(extent, subject, _known_end(extent, known_ends), seen)
            if segments is not None:
                _check_segment_files(segments, subject)
    except Broken as stop:
        return Verified(broken=stop.found, subjects=seen.subjects, anchors=seen.anchors)
    return Verified(broken=None, subjects=seen.subjects, anchors=seen.anchors)


@dataclass
class _Seen:
    subjects: int = 0
    anchors: int = 0


def _check_chains(subject: str | None, seen: _Seen) -> None:
    streams = opened(subject)
    for each in streams.subjects():
        Chain(each).check(streams)
        seen.subjects += 1


def _known_end(extent: Extent, known_ends: Mapping[str, str]) -> str | None:
    """Return the chain value that the database last wrote to a folder; None where nothing was ever anchored."""
    name = anchor_files.folder_id(extent.folder)
    if extent.files:
        if name not in known_ends:
            raise Broken("anchors", 0, f"{extent.folder}: the database knows nothing of these anchors")
        return known_ends[name]
    if name in known_ends or (not name and known_ends):
        raise Broken("anchors", 0, f"{extent.folder}: the anchors that the database knows of are not here")
    return None


def _check_anchors(extent: Extent, subject: str | None, known_end: str | None, seen: _Seen) -> None:
    """Every head that was anchored must still be in the chain. `known_end` is the last chain value on record."""
    end_found = known_end is None
    lines = anchor_files.read(extent)
    try:
        while batch := list(islice(lines, BATCH)):
            end_found = end_found or any(chain == known_end for _, chain in batch)
            heads = [head for head, _ in batch if head is not None and subject in (None, head.subject)]
            seen.anchors += len(heads)
            _check_heads(heads)
    except BrokenAnchors as error:
        raise Broken("anchors", error.line, f"{extent.folder / error.file}: {error.reason}") from None
    if not end_found:
        raise Broken("anchors", 0, f"{extent.folder}: the last lines that the database knows of are missing")


def _check_heads(heads: Sequence[AnchoredHead]) -> None:
    for head, found, sealed in _found(heads):
        if found is None and not sealed:
            raise Broken(head.subject, head.seq, "the entry is missing, but its head was anchored")
        if found is not None and found != head.hash:
            raise Broken(head.subject, head.seq, "the entry is not the one whose head was anchored")


def _found(heads: Sequence[AnchoredHead]) -> Iterator[tuple[AnchoredHead, str | None, bool]]:
    """Yield each head with the hash that stands at its place now (None: no entry), and whether it left when sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(entry.hash, segment.last_hash), EXISTS ("
            "   SELECT FROM ledger_segment AS s"
            "   WHERE s.subject = a.subject AND a.seq BETWEEN s.first_seq AND s.last_seq)"
            " FROM unnest(%s::text[], %s::bigint[]) WITH ORDINALITY AS a (subject, seq, place)"
            " LEFT JOIN ledger_entry AS entry ON entry.subject = a.subject AND entry.seq = a.seq"
            " LEFT JOIN ledger_segment AS segment ON segment.subject = a.subject AND segment.last_seq = a.seq"
            " ORDER BY place",
            [[head.subject for head in heads], [head.seq for head in heads]],
        )
        yield from ((head, found, sealed) for head, (found, sealed) in zip(heads, cursor.fetchall(), strict=True))


def _check_segment_files(folder: Path, subject: str | None) -> None:
    rows = Segment.objects.order_by("subject", "last_seq")
    for segment in (rows if subject is None else rows.filter(subject=subject)).iterator(chunk_size=BATCH):
        try:
            with (folder / segment.file).open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError:
            raise Broken(segment.subject, segment.first_seq, f"the sealed file {segment.file} is missing") from None
        if digest != segment.digest:
            raise Broken(segment.subject, segment.first_seq, f"the sealed file {segment.file} was changed")
