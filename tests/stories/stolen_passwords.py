"""A hosting company whose FTP passwords were stolen: a real ProFTPD over a real table, and a worker that works."""

from __future__ import annotations

import ftplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from django.conf import settings

from eap.models import Secret
from engine import clock
from resets.models import System
from resets.work.crew import Crew
from tests.resets.backends.contract import ready_hash
from tests.resets.backends.sql.peers import PostgresPeer, postgres_database
from tests.resets.servers import proftpd

CUSTOMERS: Final = 130
CANARIES: Final = ("canary0", "canary1")
ROBOT: Final = "backup-robot"
"""On the list of those left alone."""


def login_of(number: int) -> str:
    return f"ftp{number:04d}"


def old_of(login: str) -> str:
    """Return the password that was stolen."""
    return f"stolen-{login[-1]}"


class Company:
    """Its FTP server, and its customers' hands on it."""

    def __init__(self, server: proftpd.Server, peer: PostgresPeer) -> None:
        self.server = server
        self.peer = peer

    def signs_in(self, login: str, password: str = "") -> bool:
        """Try to sign in by FTP, with the old password unless told."""
        return self.server.signs_in(login, password or old_of(login))

    def session(self, login: str) -> ftplib.FTP:
        """Return an open session."""
        return self.server.session(login, old_of(login))

    def hashes(self) -> set[str]:
        """Return what stands in the table."""
        return {row[0] for row in self.peer.run("SELECT passwd FROM ftp_users")}

    def set_up(self, *, now: datetime) -> System:
        """Make the account system in Muster, with its secrets."""
        # A server that asks for no password takes any.
        database = settings.DATABASES["default"]["PASSWORD"] or "asked-for-by-nobody"
        secrets = {"db": database, **{name: old_of(name) for name in CANARIES}}
        for name, value in secrets.items():
            Secret.objects.create(name=name, value=value, changed_at=now)
        return System.objects.create(
            key="ftp",
            name="FTP accounts",
            kind="sql",
            settings={
                "database": self.peer.database,
                "users": dict(self.peer.mapping),
                "sessions": self.server.sessions(),
                "sign_in": {"protocol": "ftp", "host": "127.0.0.1", "port": self.server.ftp},
                "probes": {name: name for name in CANARIES},
            },
        )


@contextmanager
def company(*, set_at: datetime) -> Iterator[Company]:
    """Open it: customers whose passwords were set at `set_at`."""
    with postgres_database() as connection:
        given = settings.DATABASES["default"]
        database = {
            "host": given["HOST"], "port": given["PORT"] or 5432, "dbname": connection.info.dbname,
            "user": given["USER"], "password": given["PASSWORD"] or "none",
        }  # fmt: skip
        with proftpd.running(database=database, table="ftp_users") as server:
            peer = PostgresPeer(connection)
            _fill(connection, server, set_at)
            yield Company(server, peer)


def _fill(connection: psycopg.Connection[Any], server: proftpd.Server, set_at: datetime) -> None:
    logins = [*(login_of(number) for number in range(CUSTOMERS)), *CANARIES, ROBOT]
    hashes = {old: ready_hash(old) for old in {old_of(login) for login in logins}}
    columns = ", ".join(server.columns)
    rows = [
        (login, hashes[old_of(login)], set_at, f"{login}@customer.example", f"K-{login}", *server.columns.values())
        for login in logins
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO ftp_users (login, passwd, set_at, email, customer, {columns}, email_changed_at)"  # noqa: S608
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '2020-01-01')",
            rows,
        )


@contextmanager
def worker() -> Iterator[None]:
    """Have a worker take what is due, as one that hears each message does."""
    crew, over = Crew(threads=2, name="story"), threading.Event()

    def hear() -> None:
        while not over.wait(0.1):
            crew.wake()

    thread = threading.Thread(target=hear, name="story-messages")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        crew.close(within_s=30)


class Hands:
    """The story's clock: it goes on by itself from where it was set, or stands still while it is held."""

    def __init__(self) -> None:
        self._real: Callable[[], datetime] = clock.now
        self._ahead = timedelta()
        self._held: datetime | None = None

    def now(self) -> datetime:
        """Return the story's time."""
        return self._held or self._real() + self._ahead

    def set(self, moment: datetime) -> None:
        """Set it, never back, and let it go."""
        self._held = None
        self._ahead = max(self._ahead, moment - self._real())

    def hold(self, moment: datetime) -> None:
        """Have it stand at `moment`."""
        self._held = moment
