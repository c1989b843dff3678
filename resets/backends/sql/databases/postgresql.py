"""PostgreSQL, through psycopg."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, Literal

import psycopg
from psycopg import errors, sql

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Busy, Surroundings
from resets.backends.sql.databases.base import LOCK_WAIT_S, STREAMED, ColumnKind, Database, Given, Row
from resets.backends.sql.mapping import PostgreSql

CONNECT_S: Final = 10
_BUSY: Final = (
    errors.TransactionRollback,  # class 40: deadlock, serialization
    errors.LockNotAvailable,
    errors.TooManyConnections,
    errors.QueryCanceled,
)
_COMING_BACK: Final = (errors.CannotConnectNow, errors.AdminShutdown, errors.CrashShutdown)
_REFUSED: Final = (errors.InvalidPassword, errors.InvalidAuthorizationSpecification, errors.InvalidCatalogName)


class Postgres(Database):
    """A connection to PostgreSQL. Prepares nothing: a pooler that keeps sessions may stand between."""

    def __init__(self, given: PostgreSql, around: Surroundings, *, times: Literal["timestamp", "unix"]) -> None:
        super().__init__(times=times)
        self._where = f"{given.host}/{given.database}"
        self._in_transaction = False
        with self._troubles():
            self._connection = psycopg.connect(
                host=given.host,
                port=given.port,
                dbname=given.database,
                user=given.user,
                password=around.secret(given.password),
                sslmode=given.tls,
                connect_timeout=CONNECT_S,
                application_name="muster resets",
                autocommit=True,
                prepare_threshold=None,
                sslrootcert=given.ca or None,
            )
            limits = f"SET statement_timeout = '{max(1, int(around.timeout_s))}s'; SET lock_timeout = '{LOCK_WAIT_S}s'"
            self._connection.execute(f"SET TimeZone = 'UTC'; {limits}")

    def close(self) -> None:
        """End the connection."""
        with suppress(psycopg.Error):
            self._connection.close()

    def quoted(self, name: str) -> str:
        """Return the name in quotation marks."""
        return sql.Identifier(*name.split(".")).as_string(None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin and commit."""
        with self._troubles():
            self._connection.execute("BEGIN")
        self._in_transaction = True
        try:
            yield
        except BaseException:
            with suppress(psycopg.Error):
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._in_transaction = False
        self._keep("COMMIT", {})

    def execute(self, statement: str, given: Given) -> int:
        """Run a statement and return how many rows it changed."""
        if not self._in_transaction:
            return self._keep(statement, given)
        with self._troubles():
            return self._connection.execute(statement, given).rowcount

    def rows(self, statement: str, given: Given) -> list[Row]:
        """Return the rows of a query."""
        with self._troubles():
            return self._connection.execute(statement, given).fetchall()

    def stream(self, statement: str, given: Given) -> Iterator[Row]:
        """Go through the rows by a cursor of the server's."""
        with self._troubles(), self._connection.transaction(), self._connection.cursor(name="scope") as cursor:
            cursor.itersize = STREAMED
            cursor.execute(statement, given)
            yield from cursor

    def among(self, column: str, values: Sequence[str], key: str) -> tuple[str, Given]:
        """Compare with any of an array."""
        return f"{column} = ANY(%({key})s::text[])", {key: _array(values)}

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> Given:
        """Return two arrays."""
        return {"logins": _array([login for login, _ in pairs]), "hashes": _array([each for _, each in pairs])}

    def update_from_pairs(self, table: str, *, sets: str, login: str, where: str) -> str:
        """Join the unnested arrays."""
        asked = "unnest(%(logins)s::text[], %(hashes)s::text[]) AS asked(login, hash)"
        return f"UPDATE {table} AS t SET {sets} FROM {asked} WHERE {login} = asked.login AND {where}"  # noqa: S608

    def columns(self, table: str) -> dict[str, ColumnKind]:
        """Return the columns of what the name leads to on this connection's search path."""
        found = self.rows(
            "SELECT attname, format_type(atttypid, NULL), CASE WHEN atttypmod > 4 AND atttypid IN (1042, 1043) THEN "
            "atttypmod - 4 END FROM pg_attribute WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 "
            "AND NOT attisdropped",
            {"table": self.quoted(table)},
        )
        return {name: ColumnKind(kind, width) for name, kind, width in found}

    def unix_now(self) -> str:
        """Return the expression."""
        return "extract(epoch from now())::bigint"

    def _keep(self, statement: str, given: Given) -> int:
        """Run what ends with a commit."""
        try:
            with self._troubles():
                return self._connection.execute(statement, given).rowcount
        except Trouble as trouble:
            if not self._connection.closed:
                raise
            raise Unknown(f"{self._where} was lost while it was to keep the changes.") from trouble

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        try:
            yield
        except _BUSY as error:
            raise Busy(f"{self._where} is busy: {_first_line(error)}") from error
        except errors.InsufficientPrivilege as error:
            raise Trouble(f"{self._where} does not permit it: {_first_line(error)}") from error
        except _REFUSED as error:
            raise Trouble(f"{self._where} refused the sign-in: {_first_line(error)}") from error
        except (psycopg.InterfaceError, *_COMING_BACK) as error:
            raise Trouble(f"{self._where} is away: {_first_line(error)}", passing=True) from error
        except psycopg.OperationalError as error:
            refused = "authentication failed" in str(error) or "does not exist" in str(error)
            raise Trouble(f"{self._where} can't be reached: {_first_line(error)}", passing=not refused) from error
        except psycopg.Error as error:
            raise Trouble(f"{self._where} refused the statement: {_first_line(error)}") from error


def _array(values: Sequence[str]) -> str | list[str]:
    """Return the values as PostgreSQL reads an array of texts: in one go, where psycopg looks at each of thousands."""
    joined = '","'.join(values)
    if not values or "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        return list(values)
    return f'{{"{joined}"}}'


def _first_line(error: Exception) -> str:
    """Return the message without its DETAIL, which may quote a row."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
