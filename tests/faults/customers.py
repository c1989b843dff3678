"""A company's customers in a database of their own, which keeps count of what was really done to each account."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from typing import Any, Final

import psycopg

from tests.faults.product import Product

SITES: Final = {
    "all": (40, 1_600),
    "near": (4, 120),
    "far": (4, 120),
    "aborted": (20, 600),
    "other": (1, 20),
    "hashed": (2, 40),
}
"""By site, hosts and accounts. Each site is a system of its own in the same table."""
ROLE: Final = "customers"
_SET_UP: Final = """
CREATE TABLE users (
    login text PRIMARY KEY, site text NOT NULL, host text NOT NULL, passwd text NOT NULL, set_at timestamptz NOT NULL,
    email text NOT NULL, disabled boolean NOT NULL DEFAULT false, cred_gen bigint NOT NULL DEFAULT 0);
CREATE TABLE done (login text NOT NULL, what text NOT NULL, backend integer NOT NULL DEFAULT pg_backend_pid());
CREATE TABLE gate (allowed bigint NOT NULL);
INSERT INTO gate VALUES (1000000000);
CREATE SEQUENCE passed;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    IF NEW.disabled AND NOT OLD.disabled THEN INSERT INTO done VALUES (NEW.login, 'disable'); END IF;
    IF OLD.disabled AND NOT NEW.disabled THEN INSERT INTO done VALUES (NEW.login, 'enable'); END IF;
    IF NEW.passwd <> OLD.passwd THEN INSERT INTO done VALUES (NEW.login, 'password'); END IF;
    RETURN NULL; END $$;
CREATE TRIGGER note AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION note();
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE mine bigint := nextval('passed'); BEGIN
    WHILE mine > (SELECT allowed FROM gate) LOOP PERFORM pg_sleep(0.05); END LOOP; RETURN NULL; END $$;
CREATE TRIGGER wait BEFORE UPDATE ON users FOR EACH STATEMENT EXECUTE FUNCTION wait();
"""
_FILL: Final = """
INSERT INTO users (login, site, host, passwd, set_at, email)
SELECT %(site)s || n, %(site)s, 'web' || n %% %(hosts)s, '$6$old$' || md5(%(site)s || n), now() - interval '1 year',
    'owner' || n || '@customer.example' FROM generate_series(1, %(accounts)s) AS n
"""


class Customers:
    """The database; its role has a password that must be found nowhere else."""

    def __init__(self, product: Product) -> None:
        url = str(product.facts()["database_url"])
        self._given = psycopg.conninfo.conninfo_to_dict(url)
        self.password: Final = f"needle-{secrets.token_hex(12)}"
        self._own = psycopg.conninfo.make_conninfo(url, dbname=ROLE)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{self.password}'")
            connection.execute(f"CREATE DATABASE {ROLE}")
        with self.connect() as connection:
            connection.execute(_SET_UP)
            for site, (hosts, accounts) in SITES.items():
                connection.execute(_FILL, {"site": site, "hosts": hosts, "accounts": accounts})
            connection.execute(f"GRANT SELECT, UPDATE ON users TO {ROLE}")

    def connect(self) -> psycopg.Connection[Any]:
        """Connect as its owner."""
        return psycopg.connect(self._own, autocommit=True)

    @property
    def socket(self) -> str:
        """Return the path of its server's socket."""
        return f"{self._given['host']}/.s.PGSQL.{self._given.get('port') or 5432}"

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.connect() as connection:
            return connection.execute(statement, values).fetchall()

    def let_through(self, updates: int) -> None:
        """Let so many more updates of accounts through; those after them wait, and so does whoever sent them."""
        with self.connect() as connection:
            connection.execute("UPDATE gate SET allowed = (SELECT last_value FROM passed) + %s", [updates])

    def let_all_through(self) -> None:
        """Let everybody through."""
        with self.connect() as connection:
            connection.execute("UPDATE gate SET allowed = 1000000000")

    def waiting(self) -> int:
        """Return how many updates have come that were not let through."""
        return int(self.rows("SELECT greatest(0, last_value - allowed) FROM passed, gate")[0][0])

    def times(self, site: str, what: str) -> dict[int, int]:
        """Return how many accounts of a site had this done to them how often: {1: 1600} is as it should be."""
        return dict(
            self.rows(
                "SELECT times, count(*) FROM (SELECT count(d.what) AS times FROM users u"
                " LEFT JOIN done d ON d.login = u.login AND d.what = %s WHERE u.site = %s GROUP BY u.login) AS each"
                " GROUP BY times",
                what,
                site,
            )
        )

    def settings(self, site: str, *, port: int | None = None) -> dict[str, Any]:
        """Return the settings of the system of a site; with a port of the loopback, through whoever listens there."""
        return {
            "database": {
                "engine": "postgresql",
                "host": "127.0.0.1" if port else self._given["host"],
                "port": port or int(self._given.get("port") or 5432),
                "database": ROLE,
                "user": ROLE,
                "password": ROLE,
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
                "only": {"site": site},
            },
        }


class Relay:
    """Passes a port of the loopback on to a socket; when it is shut, connections end and new ones are refused."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._server: socket.socket | None = None
        self._pairs: list[socket.socket] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.open()

    def open(self) -> None:
        """Listen, where it does not."""
        if self._server is not None:
            return
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._server], daemon=True).start()

    def shut(self) -> None:
        """Refuse."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        pairs, self._pairs = self._pairs, []
        for each in pairs:
            _end(each)

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            target = socket.socket(socket.AF_UNIX)
            target.connect(self._path)
            self._pairs += [client, target]
            for source, sink in ((client, target), (target, client)):
                threading.Thread(target=_pass_on, args=[source, sink], daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    _end(source)
    _end(sink)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
