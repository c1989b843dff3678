"""What the statements need to know about a database: how it quotes, lists, joins, and tells what went wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

Row = tuple[Any, ...]
Given = Mapping[str, Any]
LOCK_WAIT_S = 10
"""How long a statement waits for a row that somebody else holds; then the chunk is done later."""
STREAMED = 5_000
"""Rows fetched at a time while going through a table."""


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """A column as the database describes it: its type in lower case, its width in characters (None: no limit)."""

    type: str
    width: int | None


class _Undone(Exception):
    """Raised to roll back what was only tried."""


class Database(ABC):
    """One connection. Statements hold values as `%(name)s` and never a value itself.

    Everything raises `Trouble`: `Busy` for a lock or too many connections, passing when the database is away, `Unknown`
    when the connection was lost while something may have been kept.
    """

    keeps_time_by_itself: ClassVar[bool] = False
    """Whether a column of moments may set itself to now at any update of its row, unless it is named in it."""

    wide_numbers: ClassVar[tuple[str, ...]] = ("bigint",)
    """The types, as `columns` names them, that hold whole numbers of 64 bits."""

    def __init__(self, *, times: Literal["timestamp", "unix"]) -> None:
        self.times = times

    @abstractmethod
    def close(self) -> None:
        """End the connection; safe to call twice."""

    @abstractmethod
    def quoted(self, name: str) -> str:
        """Return a table or column, or `schema.table`, as it stands in a statement."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Begin; commit at the end, roll back when something is raised."""

    def try_out(self, statement: str) -> None:
        """Run a statement and roll it back."""
        with suppress(_Undone), self.transaction():
            self.execute(statement, {})
            raise _Undone

    @abstractmethod
    def execute(self, statement: str, given: Given) -> int:
        """Run a statement and return how many rows it changed. Outside a transaction it is one of its own, and losing
        the connection meanwhile leaves it unknown."""

    @abstractmethod
    def rows(self, statement: str, given: Given) -> list[Row]:
        """Return the rows of a query."""

    @abstractmethod
    def stream(self, statement: str, given: Given) -> Iterator[Row]:
        """Go through the rows of a query, `STREAMED` at a time in memory. The caller is in no transaction."""

    @abstractmethod
    def among(self, column: str, values: Sequence[str], key: str) -> tuple[str, Given]:
        """Return the condition that a column's value is one of `values`, not empty, and what it is given."""

    @abstractmethod
    def pairs(self, pairs: Sequence[tuple[str, str]]) -> Given:
        """Make logins and hashes ready for one `update_from_pairs`."""

    @abstractmethod
    def update_from_pairs(self, table: str, *, sets: str, login: str, where: str) -> str:
        """Return an update of `table AS t` joined by the column `login` to the pairs, `asked.login` and `asked.hash`.

        All names come as they stand in a statement.
        """

    @abstractmethod
    def columns(self, table: str) -> dict[str, ColumnKind]:
        """Return the table's columns, none for a table that is not there or may not be looked at."""

    def now(self) -> str:
        """Return the expression for this moment, as the columns of moments hold it."""
        return self.unix_now() if self.times == "unix" else "CURRENT_TIMESTAMP"

    @abstractmethod
    def unix_now(self) -> str:
        """Return the expression for the whole seconds since 1970."""

    def moment(self, at: datetime) -> Any:
        """Return a moment as it is given to a statement."""
        return int(at.timestamp()) if self.times == "unix" else at

    def read_moment(self, value: Any) -> datetime | None:
        """Return a moment from a column; one without a zone is UTC. None for none, and for what is no moment."""
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if self.times == "unix" and value:
            return datetime.fromtimestamp(int(value), tz=UTC)
        return None
