"""What of the database goes into a backup, and how rows leave and enter: COPY, the same on PostgreSQL 15 to 18.

Functions take a cursor in an open transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from backup.archive import PIECE

MIGRATIONS: Final = "django_migrations"
"""Says what the target's schema is; compared, never replaced."""
NOT_KEPT: Final = ("django_session", "usersessions_usersession")
"""Whoever finds a backup must not find keys that open somebody's session. Everybody signs in anew after a restore."""


def columns_by_table(cursor: CursorWrapper) -> dict[str, list[str]]:
    """Return every table of the schema with the columns that hold data of their own, in the order of their making."""
    cursor.execute(
        "SELECT class.relname, array_agg(attribute.attname::text ORDER BY attribute.attnum)"
        " FROM pg_class AS class JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid"
        " WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p')"
        " AND NOT class.relispartition AND attribute.attnum > 0 AND NOT attribute.attisdropped"
        " AND attribute.attgenerated = '' AND class.relname <> %s GROUP BY class.relname ORDER BY class.relname",
        [MIGRATIONS],
    )
    return dict(cursor.fetchall())


def migrations(cursor: CursorWrapper) -> list[list[str]]:
    """Return what is applied, as (app, name)."""
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [list(row) for row in cursor.fetchall()]


def sequences(cursor: CursorWrapper) -> dict[str, tuple[int, bool]]:
    """Return where each sequence stands: its last value, and whether that was given out already."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace ORDER BY 1"
    )
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name)))
        last, is_called = cursor.fetchone()
        found[name] = (last, is_called)
    return found


def move_sequences_on(cursor: CursorWrapper, to: dict[str, tuple[int, bool]]) -> None:
    """Set each sequence to the further one of where it stands and `to`.

    It never goes back, because a provider's late word about a delivery that is gone must not meet a new one of the
    same number, and because PostgreSQL would not take it back if this transaction failed.
    """
    for name, stands in sequences(cursor).items():
        if name in to and to[name] > stands:
            cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s, %s)", [name, *to[name]])


def keep_as_they_are(cursor: CursorWrapper, tables: Iterable[str]) -> None:
    """Keep migrations off these tables until the commit; readers and writers go on."""
    cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(_names(tables)))


def rows_out(cursor: CursorWrapper, table: str, columns: Sequence[str]) -> Iterator[bytes]:
    """Yield a table's rows in pieces of at least 4 MiB but for the last; `cursor.rowcount` counts them afterwards."""
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_names(columns), sql.Identifier(table))
    piece = bytearray()
    with cursor.copy(query) as copy:
        for row in copy:
            piece += row
            if len(piece) >= PIECE:
                yield bytes(piece)
                piece.clear()
    if piece:
        yield bytes(piece)


def rows_in(cursor: CursorWrapper, table: str, columns: Sequence[str], pieces: Iterable[bytes]) -> int:
    """Load rows that `rows_out` yielded; return how many."""
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    with cursor.copy(query) as copy:
        for piece in pieces:
            copy.write(piece)
    return int(cursor.rowcount)


def guarded(cursor: CursorWrapper) -> list[str]:
    """Return the tables that have triggers of ours, such as those that keep the ledger as it is."""
    cursor.execute(
        "SELECT DISTINCT class.relname FROM pg_trigger AS guard JOIN pg_class AS class ON class.oid = guard.tgrelid"
        " WHERE NOT guard.tgisinternal AND guard.tgparentid = 0 AND guard.tgenabled = 'O'"
        " AND class.relnamespace = current_schema()::regnamespace ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def set_guards(cursor: CursorWrapper, tables: Iterable[str], *, on: bool) -> None:
    """Enable or disable these tables' triggers until the commit at least; the owner may, without being superuser."""
    verb = sql.SQL("ENABLE" if on else "DISABLE")
    for table in tables:
        cursor.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(table), verb))


def empty(cursor: CursorWrapper, tables: Iterable[str]) -> None:
    """Remove every row of these tables; waits for whoever uses them."""
    cursor.execute(sql.SQL("TRUNCATE {}").format(_names(tables)))


def others_connected(cursor: CursorWrapper) -> int:
    """Return how many other sessions this database has."""
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
    )
    return int(cursor.fetchone()[0])


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def server_version(cursor: CursorWrapper) -> int:
    """Return the server's version as PostgreSQL counts it, such as 180001."""
    cursor.execute("SELECT current_setting('server_version_num')::int")
    return int(cursor.fetchone()[0])
