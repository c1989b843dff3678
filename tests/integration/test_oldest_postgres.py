"""The schema on the oldest PostgreSQL that we promise to run on, taken from the system."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

from ledger.actor import Actor
from ledger.operations.append import append
from supervisor.binaries import OLDEST, POSTGRES_PLACES, postgres_version
from supervisor.postgres import Postgres
from supervisor.spawn import end
from tests.builders import NOW, make_person
from tests.programs import missing
from tests.servers import ROOT, start, throwaway_folder, throwaway_postgres


@pytest.fixture(scope="module")
def oldest() -> Iterator[Postgres]:
    """A running server of the oldest promised version that this machine has."""
    folders = [folder for place in POSTGRES_PLACES for folder in Path("/").glob(place[1:])]
    found = {version: folder for folder in folders if (version := postgres_version(folder)) and version >= OLDEST}
    if not found or min(found) >= 18:
        missing(f"PostgreSQL {OLDEST} to 17", package="postgresql")
    folder = throwaway_folder()
    server = dataclasses.replace(throwaway_postgres(folder), binaries=found[min(found)])
    child = start(server)
    yield server
    end(child, first=server.stop_signal, patience_s=5)
    shutil.rmtree(folder)


def test_every_migration_runs_and_the_ledger_is_guarded(oldest: Postgres) -> None:
    oldest.create_database("muster")
    _manage(oldest.url("muster"), "migrate", "--verbosity", "0")
    with psycopg.connect(oldest.url("muster")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'ledger%'").fetchall()
        assert tables
        with pytest.raises(psycopg.Error, match=r"(?i)ledger|append"):
            connection.execute("TRUNCATE ledger_entry CASCADE")


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_the_newest_is_restored_on_the_oldest(oldest: Postgres, tmp_path: Path) -> None:
    make_person("Ada")
    with transaction.atomic():
        append(subject="incident:a", verb="noted", by=Actor.system(), now=NOW, personal="Größe: 38\u00a0GB")
    file = tmp_path / "muster.backup"
    call_command("backup", str(file), stderr=io.StringIO())
    oldest.create_database("restored")
    url = oldest.url("restored")
    _manage(url, "migrate", "--verbosity", "0")
    assert "The ledger is whole" in _manage(url, "restore", str(file), LEDGER_ANCHOR_DIR=str(tmp_path / "there"))
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT name FROM people_person").fetchall() == [("Ada",)]


def _manage(url: str, *words: str, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env={**os.environ, "DATABASE_URL": url, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
