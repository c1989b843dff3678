"""Three real databases with a table of accounts, and the test's own hands on it."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from django.conf import settings
from passlib.hash import sha512_crypt

from resets.backends.sql import SqlUsers
from resets.backends.sql.mapping import SqlSettings
from tests.resets.backends.contract import BEFORE, OLD, UnderTest, ready_hash, surroundings
from tests.resets.servers.mariadb import Server as MariaServer

USERS: Mapping[str, Any] = {
    "table": "ftp_users",
    "login": "login",
    "hash": "passwd",
    "disabled": {"column": "disabled", "on": 1, "off": 0},
    "cred_gen": "cred_gen",
    "set_at": "set_at",
    "group": "customer_group",
    "plan": "plan",
    "email": "email",
    "email_changed_at": "email_changed_at",
    "language": "language",
    "customer": "customer",
}
COLUMNS = (
    "login VARCHAR(64) NOT NULL, passwd VARCHAR(128), disabled INTEGER NOT NULL DEFAULT 0, {gen}, set_at {moment}, "
    "shard VARCHAR(40) NOT NULL DEFAULT '', customer_group VARCHAR(40) NOT NULL DEFAULT 'web', "
    "plan VARCHAR(40) NOT NULL DEFAULT 'small', email VARCHAR(254) NOT NULL DEFAULT '', email_changed_at {moment}, "
    "language VARCHAR(5) NOT NULL DEFAULT 'en', customer VARCHAR(40), account_id INTEGER, uid INTEGER NOT NULL DEFAULT "
    "2001, gid INTEGER, homedir VARCHAR(200), shell VARCHAR(40), PRIMARY KEY (login)"
)


class SqlPeer(UnderTest):
    """A table of accounts. `mapping` is what the system's settings say of it; the peer reads as an FTP server does."""

    gen: ClassVar[str] = "cred_gen BIGINT"
    moment: ClassVar[str]

    def __init__(self) -> None:
        self.mapping: dict[str, Any] = dict(USERS)
        self.more: dict[str, Any] = {}
        self.secrets: dict[str, str] = {}

    @abstractmethod
    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement with `?` for values; return its rows, if it has any."""

    @property
    @abstractmethod
    def database(self) -> dict[str, Any]:
        """Return the settings of the connection."""

    def make_tables(self) -> None:
        """Make the empty tables, whatever was there."""
        self.run("DROP TABLE IF EXISTS ftp_users")
        self.run("DROP TABLE IF EXISTS ftp_keys")
        self.run(f"CREATE TABLE ftp_users ({COLUMNS.format(gen=self.gen, moment=self.moment)})")
        self.run("CREATE TABLE ftp_keys (owner VARCHAR(64), revoked INTEGER NOT NULL DEFAULT 0, name VARCHAR(20))")

    def settings(self) -> SqlSettings:
        """Return the system's settings."""
        return SqlSettings.model_validate({"database": self.database, "users": self.mapping, **self.more})

    def backend(self) -> SqlUsers:
        return SqlUsers(self.settings(), surroundings(secrets={"db": "", **self.secrets}))

    def add(self, login: str, *, password: str = OLD, set_at: datetime = BEFORE, kept_out: bool = False) -> None:
        self.run(
            "INSERT INTO ftp_users (login, passwd, set_at, disabled) VALUES (?, ?, ?, ?)",
            login, ready_hash(password), self.written(set_at), int(kept_out),
        )  # fmt: skip

    def remove(self, login: str) -> None:
        self.run("DELETE FROM ftp_users WHERE login = ?", login)

    def signs_in(self, login: str, password: str) -> bool:
        rows = self.run("SELECT passwd FROM ftp_users WHERE login = ? AND disabled = 0", login)
        return any(str(row[0]).startswith("$6$") and sha512_crypt.verify(password, row[0]) for row in rows)

    def owner_sets(self, login: str, password: str, *, at: datetime) -> None:
        self.run(
            "UPDATE ftp_users SET passwd = ?, set_at = ? WHERE login = ?", ready_hash(password), self.written(at), login
        )

    def one(self, column: str, login: str) -> Any:
        """Return what stands in a column of an account."""
        [(value,)] = self.run(f"SELECT {column} FROM ftp_users WHERE login = ?", login)  # noqa: S608
        return value

    def written(self, at: datetime) -> Any:
        """Return a moment as the column holds it."""
        return at


class PostgresPeer(SqlPeer):
    """The suite's own server, with a database of its own."""

    moment = "TIMESTAMPTZ"

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        super().__init__()
        self.connection = connection
        self.secrets = {"db": str(settings.DATABASES["default"]["PASSWORD"])}
        self.make_tables()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement.replace("?", "%s"), values or None)
        return cursor.fetchall() if cursor.description else []

    @property
    def database(self) -> dict[str, Any]:
        given = settings.DATABASES["default"]
        return {
            "engine": "postgresql", "host": given["HOST"], "port": int(given["PORT"] or 5432), "user": given["USER"],
            "database": self.connection.info.dbname, "password": "db",
        }  # fmt: skip


class MariaPeer(SqlPeer):
    """A real MariaDB."""

    moment = "TIMESTAMP NULL"

    def __init__(self, server: MariaServer, connection: Any) -> None:
        super().__init__()
        self.server, self.connection = server, connection
        self.secrets = {"db": server.password}
        self.make_tables()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement.replace("?", "%s"), values or None)
            return list(cursor.fetchall())

    @property
    def database(self) -> dict[str, Any]:
        return {
            "engine": "mariadb", "host": str(self.server.socket), "user": self.server.user,
            "database": self.server.database, "password": "db",
        }  # fmt: skip

    def written(self, at: datetime) -> Any:
        return at.astimezone(UTC).replace(tzinfo=None)


class SqlitePeer(SqlPeer):
    """A file in the folder that the settings allow, with moments as whole seconds."""

    moment = "INTEGER"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.connection = sqlite3.connect(folder / "accounts.db", isolation_level=None)
        self.run("PRAGMA synchronous = OFF")
        self.mapping |= {"times": "unix"}
        self.make_tables()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, values).fetchall()

    @property
    def database(self) -> dict[str, Any]:
        return {"engine": "sqlite", "file": "accounts.db"}

    def written(self, at: datetime) -> Any:
        return int(at.timestamp())


@contextlib.contextmanager
def postgres_database() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Make a database on the suite's server, and drop it with whoever is still connected."""
    given = settings.DATABASES["default"]
    name = f"accounts_{secrets.token_hex(4)}"
    where = {"host": given["HOST"], "port": given["PORT"] or None, "user": given["USER"], "password": given["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            with psycopg.connect(dbname=name, autocommit=True, **where) as connection:
                yield connection
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
