"""Put a backup's content in the place of what the database holds."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from backup import anchors, database
from backup.archive import DAMAGED, End, Manifest, Member, TableEnd, end_of, manifest_of, read
from backup.errors import BackupError
from backup.write import PROBE
from engine import clock
from ledger.actor import Actor
from ledger.anchor_files import folder_id
from ledger.models import AnchorFolder
from ledger.operations.append import append
from ledger.operations.restart_anchors import SUBJECT
from ledger.operations.verify import Verified
from people.models import Person
from web.secrets import UnreadableSecretError, decrypt


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored. `ledger` is the verification afterwards, `anew` what became of anchors that did not fit."""

    made_at: str
    tables: int
    rows: int
    ledger: Verified
    anew: anchors.BegunAnew | None
    other_folders: int
    """How many folders of anchors the ledger knows besides the one here: where they still are, they begin anew too."""


def restore(source: IO[bytes], *, anchor_folder: Path, name: str, force: bool, by: Actor) -> Restored:
    """Replace every row by the backup's, in one transaction and constant memory, then verify the ledger.

    `name` is what the ledger calls the backup. Raises `BackupError`, and has changed nothing then: for a damaged file,
    a backup of another schema, other sessions; without `force` also for a database that people are in, and for keys
    that do not open the backup's secrets. Needs the rights of the tables' owner, no more. Not in a transaction.
    """
    with tempfile.TemporaryDirectory(prefix="muster-restore-") as folder, read(source) as members:
        spooled = Path(folder) / "anchors"
        manifest = manifest_of(next(members, None))
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            _refuse_what_does_not_fit(cursor, manifest, force=force)
            ends = _replace(cursor, manifest, _past_anchors(members, spooled))
            payload = {"backup": name, "made_at": manifest.made_at}
            append(subject=SUBJECT, verb="ledger.restored", by=by, now=clock.now(), payload=payload)
        are_its_own = anchors.put_back(spooled, folder=anchor_folder, made_at=manifest.made_at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    reason = f"Restored the backup {name} of {manifest.made_at}"
    ledger, anew = anchors.vouch(anchor_folder, may_restart=not are_its_own, reason=reason, by=by, clock=clock.now)
    return Restored(
        made_at=manifest.made_at,
        tables=len(ends),
        rows=sum(end.rows for end in ends.values()),
        ledger=ledger,
        anew=anew,
        other_folders=AnchorFolder.objects.exclude(id=folder_id(anchor_folder)).count(),
    )


def _refuse_what_does_not_fit(cursor: CursorWrapper, manifest: Manifest, *, force: bool) -> None:
    ours, theirs = ({tuple(each) for each in found} for found in (database.migrations(cursor), manifest.migrations))
    if ours != theirs:
        raise BackupError(
            f"The backup's schema is not this one: {_example(theirs - ours, 'only there')}"
            f"{_example(ours - theirs, 'only here')}. Restore with the version of Muster that wrote it, then upgrade."
        )
    here = database.columns_by_table(cursor)
    if {name: set(columns) for name, columns in manifest.tables.items()} != {
        name: set(columns) for name, columns in here.items() if name not in database.NOT_KEPT
    }:
        raise BackupError("The backup's tables are not those of this database, though its migrations are.")
    if others := database.others_connected(cursor):
        raise BackupError(
            f"{others} other sessions use this database. Stop web, stream, workers and engines (or bin/run) first."
        )
    if not force:
        _refuse_to_overwrite(manifest)


def _refuse_to_overwrite(manifest: Manifest) -> None:
    if Person.objects.exists():
        raise BackupError("There are people in this database. --force replaces everything by the backup.")
    try:
        is_open = decrypt(manifest.probe) == PROBE
    except UnreadableSecretError:
        is_open = False
    if not is_open:
        raise BackupError(
            "None of the keys in SECRETS_KEYS opens the secrets in this backup. Add the key it was made with, or "
            "restore with --force and without integration keys, second factors and webhooks' secrets."
        )


def _example(names: set[tuple[str, ...]], where: str) -> str:
    if not names:
        return ""
    app, name = min(names)
    return f"{app}.{name}{f' and {len(names) - 1} more' if len(names) > 1 else ''} {where}; "


def _past_anchors(members: Iterator[Member], spooled: Path) -> Iterator[Member]:
    """Put the anchors aside and yield what follows them."""
    for member in members:
        if member[0].startswith("anchors/"):
            anchors.spool(member, spooled)
        else:
            yield member


def _replace(cursor: CursorWrapper, manifest: Manifest, members: Iterator[Member]) -> dict[str, TableEnd]:
    """Load everything, and believe none of it before the end agrees."""
    for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0", "lock_timeout = '10s'"):
        cursor.execute(f"SET LOCAL {setting}")
    guarded = database.guarded(cursor)
    try:
        database.set_guards(cursor, guarded, on=False)
        database.empty(cursor, [*manifest.tables, *database.NOT_KEPT])
    except OperationalError as error:
        raise BackupError(f"Something holds the tables: {str(error).strip()}") from None
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    pieces = _Pieces(members)
    try:
        ends = {name: pieces.load(cursor, name, columns) for name, columns in manifest.tables.items()}
        end = pieces.end()
        # A table with checks still to come can't be altered; and a broken reference is named while all can go back.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (psycopg.DataError, psycopg.IntegrityError, IntegrityError) as error:
        raise BackupError(f"{DAMAGED} {str(error).strip().partition(chr(10))[0]}") from None
    if end.tables != ends:
        raise BackupError(DAMAGED)
    database.set_guards(cursor, guarded, on=True)
    database.move_sequences_on(cursor, end.sequences)
    return ends


class _Pieces:
    """Members of an archive, handed out table by table."""

    def __init__(self, members: Iterator[Member]) -> None:
        self._members = members
        self._next = next(members, None)

    def load(self, cursor: CursorWrapper, table: str, columns: list[str]) -> TableEnd:
        """Load the pieces of one table, none for an empty one."""
        digest = hashlib.sha256()

        def contents() -> Iterator[bytes]:
            while self._next is not None and self._next[0].startswith(f"tables/{table}/"):
                content = self._next[1].read()
                digest.update(content)
                yield content
                self._next = next(self._members, None)

        rows = database.rows_in(cursor, table, columns, contents())
        return TableEnd(rows=rows, sha256=digest.hexdigest())

    def end(self) -> End:
        """Return the member after the last table. Raises `BackupError` where it is not the last one."""
        end = end_of(self._next)
        if next(self._members, None) is not None:
            raise BackupError(DAMAGED)
        return end
