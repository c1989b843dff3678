"""The ledger's tables read in order of subject and number, in batches: constant memory, however long the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from ledger.models import Entry, Head, PersonalText, Segment

BATCH: Final = 1000


Row = TypeVar("Row", Entry, Head, PersonalText, Segment)


class Stream(Generic[Row]):
    """Rows of one table in order, with a look at the next one."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows: Iterator[Row] = rows
        self.next: Row | None = next(rows, None)

    def take(self) -> Row:
        """Return the next row and move on; raise `LookupError` at the end."""
        if self.next is None:
            raise LookupError("The stream has ended.")
        row, self.next = self.next, next(self._rows, None)
        return row

    def of(self, subject: str) -> Iterator[Row]:
        """Take the rows of `subject`, which is where the stream stands, or nowhere in it."""
        while self.next is not None and self.next.subject == subject:
            yield self.take()


@dataclass(frozen=True)
class Streams:
    """The four tables side by side."""

    entries: Stream[Entry]
    heads: Stream[Head]
    texts: Stream[PersonalText]
    segments: Stream[Segment]

    def subjects(self) -> Iterator[str]:
        """Yield each subject that any table still holds, in order; the caller takes its rows meanwhile."""
        streams = (self.entries, self.heads, self.texts, self.segments)
        while waiting := [stream.next.subject for stream in streams if stream.next is not None]:
            yield min(waiting)


def opened(subject: str | None = None) -> Streams:
    """Start reading, all subjects or one. The caller holds a snapshot: the tables have to fit together."""
    return Streams(
        entries=Stream(_batches(lambda after: _entries(subject, after))),
        heads=Stream(_batches(lambda after: _heads(subject, after))),
        texts=Stream(_batches(lambda after: _texts(subject, after))),
        segments=Stream(_batches(lambda after: _segments(subject, after))),
    )


def _batches(batch: Callable[[Row | None], list[Row]]) -> Iterator[Row]:
    rows = batch(None)
    while rows:
        yield from rows
        rows = batch(rows[-1]) if len(rows) == BATCH else []


def _entries(subject: str | None, after: Entry | None) -> list[Entry]:
    rows = Entry.objects.order_by("subject", "seq")
    if subject is not None:
        rows = rows.filter(subject=subject)
    return list((rows if after is None else rows.filter(pk__gt=(after.subject, after.seq)))[:BATCH])


def _heads(subject: str | None, after: Head | None) -> list[Head]:
    rows = Head.objects.order_by("subject")
    if subject is not None:
        rows = rows.filter(subject=subject)
    return list((rows if after is None else rows.filter(subject__gt=after.subject))[:BATCH])


def _texts(subject: str | None, after: PersonalText | None) -> list[PersonalText]:
    rows = PersonalText.objects.order_by("subject", "seq")
    if subject is not None:
        rows = rows.filter(subject=subject)
    return list((rows if after is None else rows.filter(pk__gt=(after.subject, after.seq)))[:BATCH])


def _segments(subject: str | None, after: Segment | None) -> list[Segment]:
    rows = Segment.objects.order_by("subject", "last_seq")
    if subject is not None:
        rows = rows.filter(subject=subject)
    return list((rows if after is None else rows.filter(pk__gt=(after.subject, after.last_seq)))[:BATCH])
