"""SQLite, one file of the folder that administrators opened for it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from django.conf import settings

from eap.actions.base import Trouble
from resets.backends.base import Busy, Surroundings
from resets.backends.sql.databases.base import LOCK_WAIT_S, STREAMED, ColumnKind, Database, Given, Row
from resets.backends.sql.mapping import Sqlite


class SqliteFile(Database):
    """A connection to an SQLite file. Its writers wait for each other, so its host should have one chunk at once."""

    wide_numbers: ClassVar[tuple[str, ...]] = ("bigint", "integer", "int")

    def __init__(self, given: Sqlite, around: Surroundings, *, times: Literal["timestamp", "unix"]) -> None:
        super().__init__(times=times)
        self._where = given.file
        self._timeout_s = around.timeout_s
        path = file_named(given.file)
        with self._troubles():
            self._connection = sqlite3.connect(
                f"{path.as_uri()}?mode=rw", uri=True, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False
            )

    def close(self) -> None:
        """End the connection."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def quoted(self, name: str) -> str:
        """Return the name between grave accents: in quotation marks a column that is not there reads as a text."""
        return ".".join(f"`{part.replace('`', '``')}`" for part in name.split("."))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin as a writer and commit; nothing is half done however it ends."""
        with self._troubles():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._troubles():
                self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def execute(self, statement: str, given: Given) -> int:
        """Run a statement and return how many rows it changed."""
        with self._troubles():
            return self._connection.execute(_named(statement), given).rowcount

    def rows(self, statement: str, given: Given) -> list[Row]:
        """Return the rows of a query."""
        with self._troubles():
            return self._connection.execute(_named(statement), given).fetchall()

    def stream(self, statement: str, given: Given) -> Iterator[Row]:
        """Go through the rows as the file is read."""
        with self._troubles():
            cursor = self._connection.execute(_named(statement), given)
            while rows := cursor.fetchmany(STREAMED):
                yield from rows

    def among(self, column: str, values: Sequence[str], key: str) -> tuple[str, Given]:
        """Compare with the values of a JSON list."""
        listed = f"SELECT value FROM json_each(%({key})s)"  # noqa: S608 - a name of our own
        return f"{column} IN ({listed})", {key: json.dumps(list(values))}

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> Given:
        """Return one JSON text."""
        return {"pairs": json.dumps([list(pair) for pair in pairs])}

    def update_from_pairs(self, table: str, *, sets: str, login: str, where: str) -> str:
        """Join what is read from JSON."""
        asked = (
            "(SELECT json_extract(value, '$[0]') AS login, json_extract(value, '$[1]') AS hash "
            "FROM json_each(%(pairs)s)) AS asked"
        )
        return f"UPDATE {table} AS t SET {sets} FROM {asked} WHERE {login} = asked.login AND {where}"  # noqa: S608

    def columns(self, table: str) -> dict[str, ColumnKind]:
        """Return the columns; their declared widths limit nothing."""
        name = table.rpartition(".")[2]
        found = self.rows("SELECT name, type FROM pragma_table_info(%(name)s)", {"name": name})
        return {column: ColumnKind(str(kind).lower(), None) for column, kind in found}

    def unix_now(self) -> str:
        """Return the expression."""
        return "CAST(strftime('%s', 'now') AS INTEGER)"

    def moment(self, at: datetime) -> Any:
        """Return it as CURRENT_TIMESTAMP writes it, so that texts compare as moments do."""
        return super().moment(at) if self.times == "unix" else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    def read_moment(self, value: Any) -> datetime | None:
        """Read what CURRENT_TIMESTAMP writes, and any other form of ISO 8601."""
        if self.times == "unix" or not isinstance(value, str):
            return super().read_moment(value)
        try:
            return super().read_moment(datetime.fromisoformat(value))
        except ValueError:
            return None

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise Busy(f"{self._where} is busy: {error}") from error
            raise Trouble(f"{self._where} refused the statement: {error}") from error
        except sqlite3.Error as error:
            raise Trouble(f"{self._where} refused the statement: {error}") from error


def file_named(name: str) -> Path:
    """Return the file; raises `Trouble` unless it is a plain file in RESET_FILES_DIR itself."""
    folder = Path(settings.RESET_FILES_DIR)
    path = folder / name
    if path.name != name or not path.is_file() or path.is_symlink():
        raise Trouble(f"There is no plain file {name} in RESET_FILES_DIR ({folder}); links are not followed.")
    return path.resolve()


def _named(statement: str) -> str:
    return re.sub(r"%\(([a-z0-9_]+)\)s", r":\1", statement)
