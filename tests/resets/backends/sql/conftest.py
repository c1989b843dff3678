"""The three databases, each started or made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from pytest_django import Settings

from tests.resets.backends.sql.peers import MariaPeer, PostgresPeer, SqlitePeer, SqlPeer, postgres_database
from tests.resets.servers import mariadb, proftpd

ENGINES = ["postgresql", "mariadb", "sqlite"]


@pytest.fixture(scope="session")
def accounts_database() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with postgres_database() as connection:
        yield connection


@pytest.fixture(scope="session")
def ftp_server(accounts_database: psycopg.Connection[tuple[Any, ...]]) -> Iterator[proftpd.Server]:
    """A ProFTPD whose users stand in the PostgreSQL's table, whenever that is made anew."""
    given = settings.DATABASES["default"]
    database = {
        "host": given["HOST"], "port": given["PORT"] or 5432, "dbname": accounts_database.info.dbname,
        "user": given["USER"], "password": given["PASSWORD"],
    }  # fmt: skip
    with proftpd.running(database=database, table="ftp_users") as server:
        yield server


@pytest.fixture(scope="session")
def maria_server() -> Iterator[mariadb.Server]:
    with mariadb.running() as server:
        yield server


@pytest.fixture
def maria(maria_server: mariadb.Server) -> Iterator[MariaPeer]:
    with maria_server.as_root() as connection:
        connection.cursor().execute("SET time_zone = '+00:00'")
        yield MariaPeer(maria_server, connection)


@pytest.fixture
def sqlite(tmp_path: Path, settings: Settings) -> Iterator[SqlitePeer]:
    settings.RESET_FILES_DIR = tmp_path
    peer = SqlitePeer(tmp_path)
    yield peer
    peer.connection.close()


@pytest.fixture(params=ENGINES)
def system(request: pytest.FixtureRequest) -> SqlPeer:
    if request.param == "postgresql":
        return PostgresPeer(request.getfixturevalue("accounts_database"))
    found: SqlPeer = request.getfixturevalue("maria" if request.param == "mariadb" else "sqlite")
    return found
