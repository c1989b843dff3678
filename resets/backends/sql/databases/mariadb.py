"""MariaDB and MySQL, through pymysql. Tried against MariaDB; MySQL needs 8.0 or later for JSON_TABLE."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Literal

import pymysql
from pymysql.constants import CLIENT, ER
from pymysql.cursors import SSCursor

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Busy, Surroundings
from resets.backends.sql.databases.base import LOCK_WAIT_S, STREAMED, ColumnKind, Database, Given, Row
from resets.backends.sql.mapping import MariaDb

CONNECT_S: Final = 10
_BUSY: Final = (
    ER.LOCK_WAIT_TIMEOUT, ER.LOCK_DEADLOCK, ER.CON_COUNT_ERROR, ER.TOO_MANY_USER_CONNECTIONS, ER.USER_LIMIT_REACHED,
    1969,  # MariaDB: max_statement_time exceeded
)  # fmt: skip
_DENIED: Final = (
    ER.DBACCESS_DENIED_ERROR, ER.ACCESS_DENIED_ERROR, ER.TABLEACCESS_DENIED_ERROR, ER.COLUMNACCESS_DENIED_ERROR,
    ER.BAD_DB_ERROR,
)  # fmt: skip
_AWAY: Final = (2002, 2003, 2006, 2013, 2055, ER.SERVER_SHUTDOWN, 1927)
"""The client's own numbers for a server that can't be reached or has gone, and a killed connection."""


class Maria(Database):
    """A connection to MariaDB or MySQL, reading what is committed, in UTC."""

    keeps_time_by_itself: ClassVar[bool] = True  # ON UPDATE CURRENT_TIMESTAMP, the default of a first TIMESTAMP

    def __init__(self, given: MariaDb, around: Surroundings, *, times: Literal["timestamp", "unix"]) -> None:
        super().__init__(times=times)
        self._where = f"{given.host}/{given.database}"
        self._collations: dict[str, str] = {}
        self._in_transaction = False
        with self._troubles():
            self._connection = pymysql.connect(
                **({"unix_socket": given.host} if given.host.startswith("/") else {"host": given.host}),
                port=given.port,
                database=given.database,
                user=given.user,
                password=around.secret(given.password).encode(),
                charset="utf8mb4",
                connect_timeout=CONNECT_S,
                read_timeout=around.timeout_s + LOCK_WAIT_S,
                write_timeout=around.timeout_s + LOCK_WAIT_S,
                client_flag=CLIENT.FOUND_ROWS,
                autocommit=True,
                **_encryption(given),
            )
            for statement in (
                "SET time_zone = '+00:00'",
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                f"SET innodb_lock_wait_timeout = {LOCK_WAIT_S}",
                # Else lists of more than a thousand become a subquery, a third slower; MySQL reads this as a comment.
                "/*M!100300 SET in_predicate_conversion_threshold = 0 */",
            ):
                self._run(statement, {})

    def close(self) -> None:
        """End the connection."""
        with suppress(pymysql.Error):
            self._connection.close()

    def quoted(self, name: str) -> str:
        """Return the name between grave accents."""
        return ".".join(f"`{part.replace('`', '``')}`" for part in name.split("."))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin and commit."""
        with self._troubles():
            self._connection.begin()
        self._in_transaction = True
        try:
            yield
        except BaseException:
            with suppress(pymysql.Error):
                self._connection.rollback()
            raise
        finally:
            self._in_transaction = False
        self._keep("COMMIT", {})

    def execute(self, statement: str, given: Given) -> int:
        """Run a statement and return how many rows it found to change."""
        if not self._in_transaction:
            return self._keep(statement, given)
        with self._troubles():
            return self._run(statement, given)

    def rows(self, statement: str, given: Given) -> list[Row]:
        """Return the rows of a query."""
        with self._troubles(), self._connection.cursor() as cursor:
            cursor.execute(statement, dict(given))
            return list(cursor.fetchall())

    def stream(self, statement: str, given: Given) -> Iterator[Row]:
        """Go through the rows as the server sends them."""
        with self._troubles(), self._connection.cursor(SSCursor) as cursor:
            cursor.execute(statement, dict(given))
            while rows := cursor.fetchmany(STREAMED):
                yield from rows

    def among(self, column: str, values: Sequence[str], key: str) -> tuple[str, Given]:
        """List them: the optimizer turns that into as many looks at the index."""
        given = {f"{key}_{number}": value for number, value in enumerate(values)}
        return f"{column} IN ({', '.join(f'%({name})s' for name in given)})", given

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> Given:
        """Return one JSON text."""
        return {"pairs": json.dumps([list(pair) for pair in pairs])}

    def update_from_pairs(self, table: str, *, sets: str, login: str, where: str) -> str:
        """Join a table read from JSON, in the collation of the login: in another one its index would not serve."""
        collation = self._collation(table, login)
        asked = (
            f"JSON_TABLE(%(pairs)s, '$[*]' COLUMNS (login VARCHAR(254){collation} PATH '$[0]', "
            "hash VARCHAR(300) PATH '$[1]')) AS asked"
        )
        return f"UPDATE {table} AS t JOIN {asked} ON {login} = asked.login SET {sets} WHERE {where}"  # noqa: S608

    def columns(self, table: str) -> dict[str, ColumnKind]:
        """Return the columns that this user may see."""
        schema, _, name = table.rpartition(".")
        found = self.rows(
            "SELECT column_name, data_type, character_maximum_length FROM information_schema.columns "
            "WHERE table_name = %(name)s AND table_schema = COALESCE(NULLIF(%(schema)s, ''), DATABASE())",
            {"name": name, "schema": schema},
        )
        return {column: ColumnKind(str(kind).lower(), width) for column, kind, width in found}

    def now(self) -> str:
        """Return the expression, in UTC whatever the column."""
        return self.unix_now() if self.times == "unix" else "UTC_TIMESTAMP()"

    def unix_now(self) -> str:
        """Return the expression."""
        return "UNIX_TIMESTAMP()"

    def moment(self, at: datetime) -> Any:
        """Return it without a zone, in UTC, as the columns hold it."""
        return super().moment(at) if self.times == "unix" else at.astimezone(UTC).replace(tzinfo=None)

    def _collation(self, table: str, login: str) -> str:
        key = f"{table} {login}"
        if key not in self._collations:
            column = login.rpartition(".")[2].strip("`")
            found = self.rows(f"SHOW FULL COLUMNS FROM {table} WHERE Field = %(column)s", {"column": column})
            name = str(found[0][2] or "") if found else ""
            self._collations[key] = f" COLLATE {name}" if re.fullmatch(r"[a-z0-9_]+", name) else ""
        return self._collations[key]

    def _run(self, statement: str, given: Given) -> int:
        with self._connection.cursor() as cursor:
            # Without anything given a "%" is only a "%".
            return int(cursor.execute(statement, dict(given) or None))

    def _keep(self, statement: str, given: Given) -> int:
        """Run what ends with a commit."""
        try:
            with self._troubles():
                return self._run(statement, given)
        except Trouble as trouble:
            if self._connection.open:
                raise
            raise Unknown(f"{self._where} was lost while it was to keep the changes.") from trouble

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        try:
            yield
        except pymysql.Error as error:
            number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            text = f"{type(error).__name__} {number}: {str(error.args[-1] if error.args else '')[:160]}"
            if number in _BUSY:
                raise Busy(f"{self._where} is busy: {text}") from error
            if number in _DENIED:
                raise Trouble(f"{self._where} does not permit it: {text}") from error
            if number in _AWAY or isinstance(error, pymysql.InterfaceError):
                raise Trouble(f"{self._where} is away: {text}", passing=True) from error
            raise Trouble(f"{self._where} refused the statement: {text}") from error
        except (RuntimeError, OSError) as error:
            raise Trouble(f"{self._where} can't be reached ({type(error).__name__}).", passing=True) from error


def _encryption(given: MariaDb) -> dict[str, Any]:
    if given.tls == "disable":
        return {"ssl_disabled": True}
    context = ssl.create_default_context(cafile=given.ca or None)
    if given.tls == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}
