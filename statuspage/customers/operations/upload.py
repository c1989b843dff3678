"""Files that people upload: kept, read, confirmed where they would remove something, written."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import IO, Any, Final, Self, cast

from django.db import connection, transaction
from django.db.models import Q

from engine import wake
from ledger.actor import Actor
from people.actors import actor_for
from people.models import Person
from statuspage.customers.operations.import_rows import Outcome, UnfitFile, import_rows, preview_rows
from statuspage.customers.reading import MOST_BYTES, Reading, UnreadableFile
from statuspage.customers.writing.staging import Progress
from statuspage.models import CustomerImport, StatusPage
from web import live
from web.errors import BadInput, IllegalMove, NotFound

DUTY: Final = "customer_imports"
LEASE: Final = timedelta(minutes=5)
"""Longer than the largest file takes; an engine that died gives it up by then."""
State = CustomerImport.State
OPEN: Final = (State.WAITING, State.CONFIRMED)


def receive_import(
    *, page: StatusPage, chunks: Iterable[bytes], file_name: str, replace: bool, person: Person, now: datetime
) -> CustomerImport:
    """Keep an uploaded file to be read soon. Raises `BadInput` for one that is too large or has no known columns."""
    packed, lines = BytesIO(), 0
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as writer:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                sentence = f"The file is larger than {MOST_BYTES // 2**20} MB. Divide it."
                raise BadInput(sentence, errors={"file": sentence})
            lines += chunk.count(b"\n")
            writer.write(chunk)
    content = packed.getvalue()
    try:
        kind = Reading(_unpacked(content)).layout.kind
    except UnreadableFile as error:
        raise UnfitFile([error.fault]) from None
    row = CustomerImport.objects.create(
        page=page,
        kind=kind,
        replace=replace,
        file_name=file_name[:200],
        content=content,
        total_rows=lines,
        by=person,
        created_at=now,
    )
    wake.after_commit(DUTY)
    return row


def confirm_import(*, import_id: str, now: datetime) -> CustomerImport:
    """Let a file that replaces be written as it was shown. Raises `IllegalMove` unless it waits for that.

    What it removes is counted anew when it is written: nothing is removed that a second look would not show.
    """
    row = _locked(import_id)
    if row.state in (State.CONFIRMED, State.DONE):
        return row
    _must_be_ready(row)
    _move(row, State.CONFIRMED, now=now)
    return _save(row)


def drop_import(*, import_id: str, now: datetime) -> CustomerImport:
    """Forget a file that waits to be confirmed; nothing was changed by it."""
    row = _locked(import_id)
    if row.state == State.DROPPED:
        return row
    _must_be_ready(row)
    _move(row, State.DROPPED, now=now)
    return _save(row)


def run_import(*, import_id: str, now: datetime) -> CustomerImport:
    """Read a waiting file, or write a confirmed one. Expects no transaction: the claim and the work are one each.

    A second call while it runs, and one afterwards, changes nothing.
    """
    lease, due = now + LEASE, Q(lease_until=None) | Q(lease_until__lt=now)
    if CustomerImport.objects.filter(due, pk=import_id, state__in=OPEN).update(lease_until=lease):
        row = CustomerImport.objects.select_related("page", "by").get(pk=import_id)
        with transaction.atomic(), _Progress(row.pk) as progress:
            # The row itself is locked only at the end, so that the progress can be noted meanwhile.
            _work(row, now=now, progress=progress.note)
            if _locked(import_id).lease_until != lease:
                transaction.set_rollback(True)  # it took too long, and somebody else does it
            else:
                _save(row)
    return CustomerImport.objects.select_related("page", "by").get(pk=import_id)


def due_imports(now: datetime) -> list[str]:
    """Return the files that nobody works on, oldest first."""
    due = Q(lease_until=None) | Q(lease_until__lt=now)
    return list(CustomerImport.objects.filter(due, state__in=OPEN).order_by("created_at").values_list("pk", flat=True))


def _work(row: CustomerImport, *, now: datetime, progress: Progress) -> None:
    """Do what is due with a file, and set in `row` (unsaved) what came of it."""
    try:
        with transaction.atomic(), _unpacked(row.content) as file:
            outcome, state = _read(row, file, now=now, progress=progress)
    except UnfitFile as error:
        row.errors = [[fault.line, fault.sentence] for fault in error.faults]
        _move(row, State.REFUSED, now=now)
    else:
        row.counts, row.read_rows, row.total_rows = outcome.counts, outcome.rows, outcome.rows
        _move(row, state, now=now)


def _read(row: CustomerImport, file: IO[bytes], *, now: datetime, progress: Progress) -> tuple[Outcome, State]:
    if row.replace and row.state == State.WAITING:
        return preview_rows(file=file, page=row.page, replace=True, now=now, progress=progress), State.READY
    by = actor_for(row.by, via="web") if row.by is not None else Actor.system()
    outcome = import_rows(
        file=file, page=row.page, replace=row.replace, by=by, now=now, file_name=row.file_name, progress=progress
    )
    return outcome, State.DONE


def _move(row: CustomerImport, state: State, *, now: datetime) -> None:
    row.state, row.lease_until = state, None
    if state in (State.REFUSED, State.DONE, State.DROPPED):
        row.ended_at, row.content = now, b""


def _save(row: CustomerImport) -> CustomerImport:
    row.save()
    if row.state == State.CONFIRMED:
        wake.after_commit(DUTY)
    live.changed(f"customer_import:{row.pk}", row.page.subject)
    return row


def _locked(import_id: str) -> CustomerImport:
    rows = CustomerImport.objects.select_for_update(no_key=True, of=("self",)).select_related("page", "by")
    row = rows.filter(pk=import_id).first()
    if row is None:
        raise NotFound("There is no such import.")
    return row


def _must_be_ready(row: CustomerImport) -> None:
    if row.state != State.READY:
        raise IllegalMove("This file does not wait for your word any more.")


def _unpacked(content: bytes | memoryview) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=BytesIO(bytes(content))))


class _Progress:
    """Notes how far a file is read on a connection of its own: the work's transaction shows nothing before its end."""

    def __init__(self, import_id: str) -> None:
        self._import_id = import_id
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def note(self, count: int) -> None:
        """Note the number of lines read so far."""
        if self._connection is None:
            self._connection = connection.copy()
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE statuspage_customerimport SET read_rows = %s WHERE id = %s", [count, self._import_id]
            )
