"""A hosting company whose passwords were stolen: a real ProFTPD over a real table, a real sshd, a worker that works."""

from __future__ import annotations

import asyncio
import ftplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncssh
import psycopg
from django.conf import settings

from eap.models import Secret
from engine import clock
from resets.models import System
from resets.work.crew import Crew
from tests.resets.backends.contract import ready_hash
from tests.resets.backends.sql.peers import PostgresPeer, postgres_database
from tests.resets.servers import proftpd, sshd

CUSTOMERS: Final = 130
CANARIES: Final = ("canary0", "canary1")
ROBOT: Final = "backup-robot"
"""On the list of those left alone."""


SHELLS: Final = ("story-ann", "story-ben")
SHELL_CANARY: Final = "story-zoe"
DAY: Final = 20_000
"""When shell passwords were set, in days since 1970."""


def login_of(number: int) -> str:
    return f"ftp{number:04d}"


def old_of(login: str) -> str:
    """Return the password that was stolen."""
    return f"stolen-{login[-1]}"


class Company:
    """Its FTP server, and its customers' hands on it."""

    def __init__(self, server: proftpd.Server, peer: PostgresPeer, shell: sshd.Sshd) -> None:
        self.server = server
        self.peer = peer
        self.shell = shell

    def signs_in(self, login: str, password: str = "") -> bool:
        """Try to sign in by FTP, with the old password unless told."""
        return self.server.signs_in(login, password or old_of(login))

    def session(self, login: str) -> ftplib.FTP:
        """Return an open session."""
        return self.server.session(login, old_of(login))

    def hashes(self) -> set[str]:
        """Return what stands in the table."""
        return {row[0] for row in self.peer.run("SELECT passwd FROM ftp_users")}

    def set_up(self, *, now: datetime) -> None:
        """Make the account systems in Muster, with their secrets."""
        # A server that asks for no password takes any.
        database = settings.DATABASES["default"]["PASSWORD"] or "asked-for-by-nobody"
        secrets = {"db": database, **{name: old_of(name) for name in CANARIES}}
        secrets |= {"root_key": self.shell.root_key, "zoe": old_of(SHELL_CANARY)}
        for name, value in secrets.items():
            Secret.objects.create(name=name, value=value, changed_at=now)
        self.shell.lay_inventory()
        System.objects.create(
            key="shell",
            name="Shell accounts",
            kind="shadow",
            settings=self.shell.settings(probes={SHELL_CANARY: "zoe"}),
        )
        System.objects.create(
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
def company(folder: Path, *, set_at: datetime) -> Iterator[Company]:
    """Open it: customers whose passwords were set at `set_at`."""
    with sshd.running(folder) as shell, postgres_database() as connection:
        for login in (*SHELLS, SHELL_CANARY):
            shell.add(login, old_of(login), day=DAY, key=True)
        given = settings.DATABASES["default"]
        database = {
            "host": given["HOST"], "port": given["PORT"] or 5432, "dbname": connection.info.dbname,
            "user": given["USER"], "password": given["PASSWORD"] or "none",
        }  # fmt: skip
        with proftpd.running(database=database, table="ftp_users") as server:
            peer = PostgresPeer(connection)
            _fill(connection, server, set_at)
            yield Company(server, peer, shell)


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


class ShellSession:
    """Somebody's open session by SSH key."""

    def __init__(self, shell: sshd.Sshd, login: str) -> None:
        self._runner = asyncio.Runner()
        self._connection = self._runner.run(self._open(shell, login))

    async def _open(self, shell: sshd.Sshd, login: str) -> asyncssh.SSHClientConnection:
        known = asyncssh.import_known_hosts(f"[127.0.0.1]:{shell.port} {shell.host_key}\n")
        connection = await asyncssh.connect(
            "127.0.0.1", shell.port, username=login, client_keys=[asyncssh.import_private_key(shell.user_key)],
            known_hosts=known, agent_path=None, config=None, login_timeout=60,
        )  # fmt: skip
        await connection.create_process("sleep 3600")
        return connection

    def ends(self) -> None:
        """Wait until the server has ended it."""

        async def wait() -> None:
            async with asyncio.timeout(60):
                await self._connection.wait_closed()

        self._runner.run(wait())

    def close(self) -> None:
        """Let go of it."""
        self._connection.abort()
        self._runner.close()


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
