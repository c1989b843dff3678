"""Check one subject's chain against its head, personal texts and sealed segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.models import Entry
from ledger.rules import GENESIS, JSON, Link, break_of, personal_digest, sealed_digest
from ledger.streams import Streams

ERASED: Final = "ledger.text_erased"
SEALED: Final = "ledger.segment_sealed"


@dataclass(frozen=True, kw_only=True)
class Break:
    """Where the ledger is broken: the first entry that is not as it was written, and why."""

    subject: str
    seq: int
    reason: str


class Broken(Exception):
    """Ends a check at the first break."""

    def __init__(self, subject: str, seq: int, reason: str) -> None:
        super().__init__(f"{subject} {seq} {reason}")
        self.found = Break(subject=subject, seq=seq, reason=reason)


class Chain:
    """The check of one subject, entry by entry."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._link = Link()
        self._sealed = GENESIS
        """The hash of the last sealed segment, which the last seal's entry has to carry."""
        self._seal_on_record: JSON = GENESIS
        self._without_text: set[int] = set()

    def check(self, streams: Streams) -> None:
        """Take everything of the subject from `streams`; raise `Broken` at the first break."""
        self._pass_segments(streams)
        for entry in streams.entries.of(self._subject):
            self._check_entry(entry)
            self._check_text(entry, streams)
            self._note(entry)
        self._check_end(streams)

    def _broken(self, seq: int, reason: str) -> Broken:
        return Broken(self._subject, seq, reason)

    def _pass_segments(self, streams: Streams) -> None:
        for segment in streams.segments.of(self._subject):
            if segment.first_seq != self._link.seq + 1:
                raise self._broken(self._link.seq + 1, "the sealed segment with this entry is missing")
            self._sealed = sealed_digest(
                subject=segment.subject,
                first_seq=segment.first_seq,
                last_seq=segment.last_seq,
                last_hash=segment.last_hash,
                file=segment.file,
                digest=segment.digest,
                previous=self._sealed,
            )
            if self._sealed != segment.hash:
                raise self._broken(segment.first_seq, "the sealed segment that starts here was changed")
            self._link = Link(seq=segment.last_seq, hash=segment.last_hash)

    def _check_entry(self, entry: Entry) -> None:
        reason = break_of(entry.record(previous=self._link.hash), stored_hash=entry.hash, after=self._link)
        if reason:
            raise self._broken(min(entry.seq, self._link.seq + 1), reason)
        self._link = Link(seq=entry.seq, hash=entry.hash)

    def _check_text(self, entry: Entry, streams: Streams) -> None:
        text = streams.texts.next
        if text is not None and text.subject == self._subject and text.seq < entry.seq:
            raise self._broken(text.seq, "a personal text stands here that no entry knows")
        if text is None or text.subject != self._subject or text.seq > entry.seq:
            if entry.personal_digest:
                self._without_text.add(entry.seq)
            return
        streams.texts.take()
        if not entry.personal_digest or _digest(text.salt, text.text) != entry.personal_digest:
            raise self._broken(entry.seq, "the personal text was changed")

    def _note(self, entry: Entry) -> None:
        """Remember what later entries tell about earlier ones."""
        if entry.verb == ERASED:
            seqs = entry.payload.get("seqs", [])
            self._without_text.difference_update(seqs)
        elif entry.verb == SEALED:
            self._seal_on_record = entry.payload.get("segment")

    def _check_end(self, streams: Streams) -> None:
        for head in streams.heads.of(self._subject):
            if head.seq > self._link.seq:
                raise self._broken(self._link.seq + 1, f"the entry is missing, the head stands at {head.seq}")
            if head.seq < self._link.seq:
                raise self._broken(head.seq + 1, f"the entry stands behind the head, which is at {head.seq}")
            if head.hash != self._link.hash or head.anchored_seq > head.seq:
                raise self._broken(head.seq, "the head was changed")
            break
        else:
            raise self._broken(self._link.seq, "the head is missing")
        for text in streams.texts.of(self._subject):
            raise self._broken(text.seq, "a personal text stands here that no entry knows")
        if self._without_text:
            raise self._broken(min(self._without_text), "the personal text is missing and no erasure is recorded")
        if self._seal_on_record != self._sealed:
            raise self._broken(self._link.seq, "the sealed segments are not those on record")


def _digest(salt: str, text: str) -> str:
    try:
        return personal_digest(salt=salt, text=text)
    except ValueError:
        return ""
