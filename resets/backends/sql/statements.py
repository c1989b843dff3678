"""The statements of a mapping: every name comes from the mapping and is quoted, every value is given beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eap.actions.base import Trouble
from resets.backends.base import Guard
from resets.backends.sql import marks
from resets.backends.sql.databases.base import Database, Given
from resets.backends.sql.mapping import Flag, Users
from resets.backends.sql.marks import BARRED, OWN, ROOM, Operation


@dataclass(frozen=True)
class Statements:
    """What is said to one database about one table of users. `t` is that table in every statement."""

    database: Database
    users: Users

    def column(self, name: str) -> str:
        """Return a column of the users' table as it stands in an expression."""
        return f"t.{self.database.quoted(name)}"

    @property
    def table(self) -> str:
        """Return the users' table."""
        return self.database.quoted(self.users.table)

    def select(self, columns: Sequence[str | None], where: str) -> str:
        """Return a query of columns, NULL where one is not mapped."""
        listed = ", ".join(self.column(name) if name else "NULL" for name in columns)
        return f"SELECT {listed} FROM {self.table} AS t WHERE {where}"  # noqa: S608

    def update(self, sets: Mapping[str, str], where: str) -> str:
        """Return an update of columns to expressions."""
        return f"UPDATE {self.table} AS t SET {self.written(sets)} WHERE {where}"  # noqa: S608

    def update_hashes(self, sets: Mapping[str, str], where: str) -> str:
        """Return an update joined to (login, hash) pairs, `asked`."""
        return self.database.update_from_pairs(
            self.table, sets=self.written(sets), login=self.column(self.users.login), where=where
        )

    def written(self, sets: Mapping[str, str]) -> str:
        """Return the assignments. A moment that would set itself to now keeps what it holds."""
        kept, written = self.users.set_at, dict(sets)
        if self.database.keeps_time_by_itself and kept is not None:
            written.setdefault(kept, self.column(kept))
        return ", ".join(f"{self.database.quoted(name)} = {value}" for name, value in written.items())

    def theirs(self, shard: str) -> tuple[str, Given]:
        """Return the condition that a row is an account of this system (and shard), and what it is given."""
        given: dict[str, Any] = {f"only_{number}": value for number, value in enumerate(self.users.only.values())}
        parts = [f"{self.column(name)} = %(only_{number})s" for number, name in enumerate(self.users.only)]
        if self.users.shard is not None:
            column = self.column(self.users.shard)
            # An account on no host is found as one on "": it would be taken for gone, and keep its password.
            parts.append(f"{column} = %(shard)s" if shard else f"({column} IS NULL OR {column} = %(shard)s)")
            given["shard"] = shard
        return " AND ".join(parts) or "1 = 1", given

    def among(self, shard: str, logins: Sequence[str]) -> tuple[str, Given]:
        """Return the condition that a row is one of these accounts, and what it is given."""
        where, given = self.theirs(shard)
        listed, logins_given = self.database.among(self.column(self.users.login), logins, "logins")
        return f"{listed} AND {where}", {**given, **logins_given}

    def guarded(self, guard: Guard) -> Given:
        """Return what the guard's expressions are given."""
        floor = marks.floor_of(guard)
        given: dict[str, Any] = {"floor": floor, "ceiling": floor + ROOM}
        if self.users.set_at is not None:
            given["cutoff"] = self.database.moment(guard.cutoff)
        return given

    def number(self) -> str:
        """Return the guard's number; 0 for an account that no reset has touched."""
        return f"COALESCE({self.column(self.users.cred_gen or '')}, 0)"

    def fresh(self, operation: Operation) -> str:
        """Return the condition that an operation of this generation is still to be done; true without a guard."""
        if self.users.cred_gen is None:
            return "1 = 1"
        number = self.number()
        return f"({number} < %(floor)s OR ({number} < %(ceiling)s AND ({number} & {BARRED[operation]}) = 0))"

    def stale(self) -> str:
        """Return the condition that the password was not set after the cutoff."""
        if self.users.set_at is None:
            return "1 = 1"
        return f"({self.column(self.users.set_at)} IS NULL OR {self.column(self.users.set_at)} <= %(cutoff)s)"

    def marked(self, bits: int) -> str:
        """Return the guard's number with these marks of this generation added."""
        number = self.number()
        return f"CASE WHEN {number} >= %(floor)s THEN {number} | {bits} ELSE %(floor)s + {bits} END"

    def mark(self, operation: Operation) -> dict[str, str]:
        """Return the assignment that notes an operation; nothing without a guard."""
        return {self.users.cred_gen: self.marked(OWN[operation])} if self.users.cred_gen else {}

    def flag(self, name: str) -> str:
        """Return the column that keeps accounts out, compared to what is given as `name`."""
        return f"{self.column(flag_of(self.users).column)} = %({name})s"

    def liftable(self) -> str:
        """Return the condition that this reset disabled the account, that nobody else had, and that it still is."""
        if self.users.cred_gen is None:
            return self.flag("on")
        number, bits = self.number(), marks.DISABLED | marks.SUSPENDED | marks.ENABLED
        here = f"{number} >= %(floor)s AND {number} < %(ceiling)s"
        return f"{here} AND ({number} & {bits}) = {marks.DISABLED}"


def flag_of(users: Users) -> Flag:
    """Return the flag; raises `Trouble` where none is mapped."""
    if users.disabled is None:
        raise Trouble(f"No column that keeps somebody out is mapped for {users.table}: lock the passwords instead.")
    return users.disabled
