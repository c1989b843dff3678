"""SQL users: each operation is one guarded statement and one commit for a chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any, ClassVar

from eap.actions.base import Stopped, Trouble
from resets.backends.base import Ability, Backend, Check, Done, Found, Guard, Miss, Probe, Selection
from resets.backends.sql import passwords, proofs, rights, scope, sessions, writes
from resets.backends.sql.databases import connected
from resets.backends.sql.databases.base import Database
from resets.backends.sql.mapping import SqlSettings
from resets.backends.sql.marks import Operation, Standing, why_left
from resets.backends.sql.statements import Statements


class SqlUsers(Backend[SqlSettings]):
    """Accounts in a table. Connects at the first call and keeps the connection until it is closed."""

    kind: ClassVar[str] = "sql"
    title: ClassVar[str] = "SQL users (PostgreSQL, MariaDB, SQLite)"
    settings: ClassVar[type[SqlSettings]] = SqlSettings
    abilities: ClassVar[frozenset[Ability]] = frozenset(
        {"disable", "lock", "rotate", "revoke", "enable", "set_password", "verify", "read_hashes"}
    )
    chunk_size: ClassVar[int] = 4_000

    def close(self) -> None:
        """Let the connection go."""
        if "database" in self.__dict__:
            self.database.close()
            del self.__dict__["database"]

    @cached_property
    def database(self) -> Database:
        """Return the connection, made at the first use."""
        return connected(self.given, self.around)

    @property
    def statements(self) -> Statements:
        """Return what is said to this connection."""
        return Statements(self.database, self.given.users)

    def probe(self) -> Sequence[Probe]:
        """Look at columns, types and doubles, and try each right in a transaction that is rolled back."""
        try:
            self.database  # noqa: B018 - connecting is the first right
        except Trouble as trouble:
            return [Probe("connect", granted=False, sentence=trouble.sentence)]
        found = [Probe("connect", granted=True, sentence="The database lets us in.")]
        found += rights.of_database(self.statements, self.given)
        found += rights.of_sessions(self.given, self.around)
        return found

    def count(self, selection: Selection) -> dict[str, int]:
        """Count in the database."""
        statement, given = scope.counting(self.statements, selection)
        return {str(shard or ""): int(number) for shard, number in self.database.rows(statement, given)}

    def find(self, selection: Selection) -> Iterator[Found]:
        """Go through the accounts in scope as the database sends them."""
        statement, given = scope.finding(self.statements, selection)
        for number, row in enumerate(self.database.stream(statement, given)):
            if number % 1_000 == 0 and self.around.stopped():
                raise Stopped("Stopped while the accounts were gathered; nothing was changed.", confirmed=True)
            yield scope.found(row, self.database)

    def read_hashes(self, shard: str, logins: Sequence[str]) -> Sequence[tuple[str, str]]:
        """Return the hashes of those that are there."""
        if not logins:
            return []
        users, where = self.given.users, self.statements.among(shard, logins)
        rows = self.database.rows(self.statements.select([users.login, users.hash], where[0]), where[1])
        return [(str(login), str(value or "")) for login, value in rows]

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Set the flag."""
        return self._write("disable", shard, logins, guard)

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Put a marker in the place of the hash."""
        return self._write("lock", shard, logins, guard)

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Take the flag back where a reset had set it."""
        return self._write("enable", shard, logins, guard)

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:
        """Put ready hashes in the place of the old ones."""
        say, logins = self.statements, [login for login, _ in hashes]
        if not logins:
            return Done(applied=0)
        write = writes.write_of("rotate", say)
        theirs, given = say.theirs(shard)
        statement = say.update_hashes(write.sets, f"{theirs} AND {write.where}")
        given = {**given, **write.given, **say.guarded(guard), **self.database.pairs(hashes)}
        with self._together():
            applied = self.database.execute(statement, given)
            return self._done("rotate", shard, logins, guard, applied)

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """End open sessions first, then take keys and tokens away and note it; a session that stays is a miss."""
        if not logins:
            return Done(applied=0)
        due = self._due_for_revoke(shard, logins, guard)
        staying = sessions.end_sessions(self.given.sessions, shard, due, self.around)
        misses = tuple(
            Miss(login, "session_stays", "A session of this account could not be ended.", passing=True)
            for login in due
            if login in staying
        )
        say, gone = self.statements, [login for login in due if login not in staying]
        with self.database.transaction():
            applied = len(gone)
            if gone:
                self._take_tokens(shard, gone)
            write = writes.revoke(say)
            if write is not None and gone:
                where, given = say.among(shard, gone)
                all_given = {**given, **write.given, **say.guarded(guard)}
                applied = self.database.execute(say.update(write.sets, f"{where} AND {write.where}"), all_given)
            left = [login for login in logins if login not in staying]
            done = self._done("revoke", shard, left, guard, applied) if left else Done(applied=0)
        return Done(
            applied=done.applied, unchanged=done.unchanged, skipped=done.skipped, misses=(*done.misses, *misses)
        )

    def set_password(self, shard: str, login: str, password: str, *, guard: Guard) -> None:
        """Put the hash of the owner's password in, and let the account in."""
        given = self.given
        passwords.refuse_weak(password, login=login, shortest=given.shortest_password, scheme=given.scheme)
        say = self.statements
        write = writes.own(say, passwords.hash_of(password, given.scheme))
        where, params = say.among(shard, [login])
        with self.database.transaction():
            all_given = {**params, **write.given, **say.guarded(guard)}
            if not self.database.execute(say.update(write.sets, f"{where} AND {write.where}"), all_given):
                raise Trouble("This account is gone, or a later reset has begun with it.")

    def verify(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Sequence[Check]:
        """Try the old passwords of our own accounts; read of the others how they stand; ask who is still in."""
        return proofs.checks(self.statements, self.given, self.around, shard, logins, guard)

    def _write(self, operation: Operation, shard: str, logins: Sequence[str], guard: Guard) -> Done:
        if not logins:
            return Done(applied=0)
        say = self.statements
        write = writes.write_of(operation, say)
        where, given = say.among(shard, logins)
        given = {**given, **write.given, **say.guarded(guard)}
        with self._together():
            applied = self.database.execute(say.update(write.sets, f"{where} AND {write.where}"), given)
            if operation == "enable" and applied < len(logins) and (passed := writes.pass_by(say)) is not None:
                self.database.execute(say.update(passed.sets, f"{where} AND {passed.where}"), given)
            return self._done(operation, shard, logins, guard, applied)

    def _together(self) -> AbstractContextManager[None]:
        """Return a transaction for a write and the look at what it left, where the look needs it.

        With a guard it does not: what was changed carries its mark, whatever happens to it afterwards. That spares two
        exchanges with the database, a tenth of a chunk's time.
        """
        return self.database.transaction() if self.given.users.cred_gen is None else nullcontext()

    def _done(self, operation: Operation, shard: str, logins: Sequence[str], guard: Guard, applied: int) -> Done:
        """Return what became of each; those that nothing was done to are looked up. One that was changed and is gone a
        moment later counts as skipped only."""
        if applied >= len(logins):
            return Done(applied=len(logins))
        standings = self._standings(shard, logins, guard)
        skipped, misses = [], []
        for login in logins:
            standing = standings.get(login)
            why = "skipped" if standing is None else why_left(login, operation, standing, guard)
            if why == "skipped":
                skipped.append(login)
            elif isinstance(why, Miss):
                misses.append(why)
        left = len(logins) - len(skipped) - len(misses)
        applied = min(applied, left)
        return Done(applied=applied, unchanged=left - applied, skipped=tuple(skipped), misses=tuple(misses))

    def _standings(self, shard: str, logins: Sequence[str], guard: Guard) -> dict[str, Standing]:
        users = self.given.users
        where, given = self.statements.among(shard, logins)
        rows = self.database.rows(self.statements.select([users.login, users.cred_gen, users.set_at], where), given)

        def number_of(value: Any) -> int | None:
            return None if users.cred_gen is None else int(value or 0)

        return {
            str(login): Standing(number_of(number), _is_after(self.database, set_at, guard))
            for login, number, set_at in rows
        }

    def _due_for_revoke(self, shard: str, logins: Sequence[str], guard: Guard) -> list[str]:
        say = self.statements
        where, given = say.among(shard, logins)
        statement = say.select([self.given.users.login], f"{where} AND {say.fresh('revoke')} AND {say.stale()}")
        return [str(login) for (login,) in self.database.rows(statement, {**given, **say.guarded(guard)})]

    def _take_tokens(self, shard: str, logins: Sequence[str]) -> None:
        for tokens in self.given.tokens:
            statement, given = scope.taking_tokens(self.statements, tokens, shard, logins)
            self.database.execute(statement, given)


def _is_after(database: Database, set_at: Any, guard: Guard) -> bool:
    moment = database.read_moment(set_at)
    return moment is not None and moment > guard.cutoff
