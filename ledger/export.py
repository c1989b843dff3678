"""The files of a sealed segment.

Entries, one JSON line each in RFC 8785 form, after a first line `{"after", "format", "subject"}`: `after` is the hash
that the first entry follows. With the rules of `ledger.rules` anybody can recompute the chain from the file alone.
Personal texts, `{"salt", "seq", "text"}`, in a file of their own: taking a line out there erases the text and leaves
the sealed file as it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from ledger.chains import Broken
from ledger.models import Entry, PersonalText
from ledger.rules import Link, break_of, canonical, microseconds

FORMAT: Final = 1


def export_entries(entries: Iterator[Entry], *, subject: str, after: Link, to: Path) -> tuple[str, Link]:
    """Write `entries`, which follow `after`, and check them on the way; return the file's SHA-256 in hex and where the
    chain stands. Raises `Broken` at the first entry that does not fit, and leaves no file then."""
    digest = hashlib.sha256()
    link = after
    with _whole(to) as stream:
        header = canonical({"after": after.hash, "format": FORMAT, "subject": subject}) + b"\n"
        stream.write(header)
        digest.update(header)
        for entry in entries:
            reason = break_of(entry.record(previous=link.hash), stored_hash=entry.hash, after=link)
            if reason:
                raise Broken(subject, min(entry.seq, link.seq + 1), reason)
            link = Link(seq=entry.seq, hash=entry.hash)
            line = _line(entry)
            stream.write(line)
            digest.update(line)
    return digest.hexdigest(), link


def export_texts(texts: Iterator[PersonalText], *, to: Path) -> None:
    """Write the personal texts; no file where there are none."""
    first = next(texts, None)
    if first is None:
        return
    with _whole(to) as stream:
        for text in (first, *texts):
            stream.write(canonical({"salt": text.salt, "seq": text.seq, "text": text.text}) + b"\n")


def _line(entry: Entry) -> bytes:
    return (
        canonical(
            {
                "actor": {
                    "id": entry.actor_id,
                    "kind": entry.actor_kind,
                    "name": entry.actor_name,
                    "via": entry.actor_via,
                },
                "at": microseconds(entry.at),
                "hash": entry.hash,
                "payload": entry.payload,
                "personal": entry.personal_digest,
                "seq": entry.seq,
                "verb": entry.verb,
            },
        )
        + b"\n"
    )


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """Open `file` for writing so that it appears whole, on disk and readable by its owner alone, or not at all."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
