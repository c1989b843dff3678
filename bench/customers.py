"""A company's customers in a database of their own: 1,200,000 SQL accounts on 40 hosts, and a bare update of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.product import Product

ACCOUNTS: Final = 1_200_000
HOSTS: Final = 40
CONNECTIONS: Final = 4
"""Of the bare update: as many as one worker has."""
CHUNK: Final = 4_000
SECRET: Final = "customers"  # noqa: S105 - its name
_TABLE: Final = """
CREATE TABLE users (
    login text PRIMARY KEY, host text NOT NULL, passwd text NOT NULL, uid integer NOT NULL, gid integer NOT NULL,
    homedir text NOT NULL, shell text NOT NULL, email text NOT NULL, set_at timestamptz NOT NULL,
    disabled boolean NOT NULL DEFAULT false, cred_gen bigint NOT NULL DEFAULT 0
) WITH (autovacuum_enabled = false)
"""
_FILL: Final = """
INSERT INTO users (login, host, passwd, uid, gid, homedir, shell, email, set_at)
SELECT 'u' || lpad(n::text, 8, '0'), 'web' || lpad((n %% %(hosts)s)::text, 2, '0') || '.example',
    '$6$' || substr(md5(n::text) || md5((n + 1)::text) || md5((n + 2)::text) || md5((n + 3)::text), 1, 103),
    10000 + n, 10000, '/home/u' || n, '/bin/false', 'owner' || n || '@customer.example', now() - interval '1 year'
FROM generate_series(1, %(accounts)s) AS n
"""
BARE: Final = {
    "disable": "disabled = disabled, cred_gen = cred_gen",
    "lock": "passwd = '!locked-by-nobody-at-all-000000000000000', cred_gen = cred_gen",
    "enable": "disabled = disabled, cred_gen = cred_gen",
}
"""The columns that each operation writes. PostgreSQL writes a row again also where nothing differs."""


class Customers:
    """The database `customers` on the product's PostgreSQL server."""

    def __init__(self, product: Product) -> None:
        self._parts = urlsplit(str(product.facts["database_url"]))
        with psycopg.connect(str(product.facts["database_url"]), autocommit=True) as connection:
            connection.execute("CREATE DATABASE customers")
        self.url = urlunsplit(self._parts._replace(path="/customers"))
        with self._connect() as connection:
            connection.execute(_TABLE)
            connection.execute(_FILL, {"hosts": HOSTS, "accounts": ACCOUNTS})
        self.vacuum()

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True)

    def keep_secret(self, folder: Path) -> None:
        """Write the password to where secrets that refer to files are read from."""
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / SECRET
        file.touch(mode=0o600)
        file.write_text(str(psycopg.conninfo.conninfo_to_dict(self.url)["password"]))

    def settings(self, **users: Any) -> dict[str, Any]:
        """Return the settings of a system that maps this table."""
        given = psycopg.conninfo.conninfo_to_dict(self.url)
        return {
            "database": {
                "engine": "postgresql",
                "host": given["host"],
                "port": int(given.get("port") or 5432),
                "database": given["dbname"],
                "user": given["user"],
                "password": SECRET,
                "tls": "disable",
            },
            "users": {
                "login": "login",
                "hash": "passwd",
                "shard": "host",
                "set_at": "set_at",
                "email": "email",
                "disabled": {"column": "disabled"},
                "cred_gen": "cred_gen",
                **users,
            },
        }

    def vacuum(self) -> None:
        """Let each measurement begin with the same room in the table."""
        with self._connect() as connection:
            connection.execute("VACUUM ANALYZE users")

    def settle(self) -> None:
        """Write out what the database and the machine still keep in memory of earlier work."""
        with self._connect() as connection:
            connection.execute("CHECKPOINT")
        os.sync()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._connect() as connection:
            return connection.execute(statement).fetchall()

    def part(self, name: str, *, first: int, last: int) -> None:
        """Make a view of the accounts with these numbers, through which they can be changed."""
        low, high = 10_000 + first, 10_000 + last
        with self._connect() as connection:
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM users WHERE uid BETWEEN {low} AND {high}")  # noqa: S608

    def bare(self, operation: str) -> float:
        """Update every account in chunks, a commit each, over as many connections as a worker has; return rows per
        second. The logins are in memory before the clock starts."""
        chunks = self._chunks()
        statement = f"UPDATE users SET {BARE[operation]} WHERE login = ANY(%s) AND host = %s"  # noqa: S608 - ours
        taking, done = threading.Lock(), [0]
        start = threading.Barrier(CONNECTIONS + 1)

        def work() -> None:
            with self._connect() as connection:
                start.wait()
                while True:
                    with taking:
                        chunk = chunks.pop() if chunks else None
                    if chunk is None:
                        return
                    count = connection.execute(statement, [chunk[1], chunk[0]]).rowcount
                    with taking:
                        done[0] += count

        threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        start.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        assert done[0] == ACCOUNTS, done
        return ACCOUNTS / (time.monotonic() - began)

    def _chunks(self) -> list[tuple[str, Sequence[str]]]:
        found = self.rows("SELECT host, array_agg(login ORDER BY login) FROM users GROUP BY host ORDER BY host")
        return [(host, logins[at : at + CHUNK]) for host, logins in found for at in range(0, len(logins), CHUNK)]
