"""The schema on the oldest PostgreSQL that we promise to run on, taken from the system."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from supervisor.binaries import OLDEST, POSTGRES_PLACES, postgres_version
from supervisor.postgres import Postgres
from supervisor.spawn import end
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
    env = {**os.environ, "DATABASE_URL": oldest.url("muster")}
    migrated = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    with psycopg.connect(oldest.url("muster")) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'ledger%'").fetchall()
        assert tables
        with pytest.raises(psycopg.Error, match=r"(?i)ledger|append"):
            connection.execute("TRUNCATE ledger_entry CASCADE")
