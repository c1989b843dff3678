"""The databases that hold users, each a file behind one interface (`base`)."""

from __future__ import annotations

from resets.backends.base import Surroundings
from resets.backends.sql.databases.base import Database
from resets.backends.sql.mapping import MariaDb, PostgreSql, SqlSettings


def connected(given: SqlSettings, around: Surroundings) -> Database:
    """Return a new connection; raises `Trouble`, passing where the database may be away only now."""
    times = given.users.times
    if isinstance(given.database, PostgreSql):
        from resets.backends.sql.databases.postgresql import Postgres

        return Postgres(given.database, around, times=times)
    if isinstance(given.database, MariaDb):
        from resets.backends.sql.databases.mariadb import Maria

        return Maria(given.database, around, times=times)
    from resets.backends.sql.databases.sqlite import SqliteFile

    return SqliteFile(given.database, around, times=times)
