"""Write a backup while Muster works."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from backup import anchors, database
from backup.archive import ArchiveWriter, End, Manifest, TableEnd, written
from web.secrets import encrypt

PROBE: Final = "muster"


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a backup holds."""

    made_at: datetime
    tables: int
    rows: int


def write_backup(to: IO[bytes], *, anchor_folder: Path) -> Written:
    """Write everything to `to` from one snapshot, in constant memory; nobody waits for it. Not in a transaction.

    Raises `BackupError` when the anchors are being written to for longer than 10 s.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        with anchors.standing_still(anchor_folder):
            made_at = _take_snapshot(cursor)
            kept = anchors.files(anchor_folder)
        tables = {name: columns for name, columns in database.columns_by_table(cursor).items() if _is_kept(name)}
        database.keep_as_they_are(cursor, tables)
        with written(to, made_at=made_at) as archive:
            archive.add_document("manifest.json", _manifest(cursor, tables, made_at))
            for file in kept:
                archive.add_file(f"anchors/{file.name}", file.path, size=file.size)
            ends = {name: _write_table(cursor, archive, name, columns) for name, columns in tables.items()}
            # Last: a sequence is outside every snapshot, and further on than any row in this one by now.
            archive.add_document("end.json", End(tables=ends, sequences=database.sequences(cursor)))
    return Written(made_at=made_at, tables=len(ends), rows=sum(end.rows for end in ends.values()))


def _is_kept(table: str) -> bool:
    return table not in database.NOT_KEPT


def _take_snapshot(cursor: CursorWrapper) -> datetime:
    """Make this transaction see one moment; return that moment."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    # A large table may take longer than any limit that is right for a page.
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
    cursor.execute("SELECT clock_timestamp()")
    moment: datetime = cursor.fetchone()[0]
    return moment


def _manifest(cursor: CursorWrapper, tables: dict[str, list[str]], made_at: datetime) -> Manifest:
    return Manifest(
        made_at=made_at.isoformat(),
        postgresql=database.server_version(cursor),
        migrations=database.migrations(cursor),
        tables=tables,
        probe=encrypt(PROBE),
    )


def _write_table(cursor: CursorWrapper, archive: ArchiveWriter, table: str, columns: list[str]) -> TableEnd:
    digest = hashlib.sha256()
    for number, piece in enumerate(database.rows_out(cursor, table, columns)):
        digest.update(piece)
        archive.add(f"tables/{table}/{number:06d}", piece)
    return TableEnd(rows=int(cursor.rowcount), sha256=digest.hexdigest())
