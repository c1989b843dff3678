"""A database with a life of its own to back up, alone in it, as a restore wants to be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from backup import database
from backup.write import write_backup
from ledger.operations.anchor import anchor
from tests.builders import NOW


@pytest.fixture(autouse=True)
def _alone(transactional_db: None) -> None:
    """End the sessions that threads of earlier tests may have left in this process's database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
        )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the backup goes."""
    return tmp_path / "muster.backup"


def back_up(file: Path) -> None:
    """Write a backup as an administrator does."""
    call_command("backup", str(file), stderr=io.StringIO())


def restore(file: Path, *words: str) -> str:
    """Restore it as an administrator does; return what is said."""
    out = io.StringIO()
    call_command("restore", str(file), *words, stdout=out)
    return out.getvalue()


def packed() -> bytes:
    """Return a backup's bytes."""
    to = io.BytesIO()
    write_backup(to, anchor_folder=settings.LEDGER_ANCHOR_DIR)
    return to.getvalue()


def anchor_everything() -> None:
    """Do what the engine does each minute."""
    while anchor(folder=settings.LEDGER_ANCHOR_DIR, now=NOW):
        pass


def behind_the_triggers(*statements: str) -> None:
    """Change what the ledger guards, as an intruder with the database's own rights can."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("COMMIT")


def lose_everything() -> None:
    """Be a new machine: the same schema, no rows."""
    with connection.cursor() as cursor:
        tables = list(database.columns_by_table(cursor))
    behind_the_triggers(*(f'DELETE FROM "{table}"' for table in tables))  # noqa: S608 - names of our own tables


def content() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table that a backup keeps, but for the ledger's word about the restore itself."""
    rows = {}
    with connection.cursor() as cursor:
        for table in database.columns_by_table(cursor):
            if table not in database.NOT_KEPT:
                cursor.execute(f'SELECT t::text FROM "{table}" AS t ORDER BY 1')  # noqa: S608
                rows[table] = [row for row in cursor.fetchall() if "settings:ledger" not in row[0]]
    return rows
