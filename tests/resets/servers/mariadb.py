"""A real MariaDB that listens on its socket only, with data of its own."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql

from supervisor.spawn import end, spawn
from tests.programs import program

STARTS_WITHIN_S = 90.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where it listens, and the user that the product signs in as."""

    socket: Path
    database: str
    user: str
    password: str

    def as_root(self) -> pymysql.connections.Connection[pymysql.cursors.Cursor]:
        """Return a connection that may do everything, by the socket's own proof of who asks."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user=getpass.getuser(),
            database=self.database,
            autocommit=True,
            charset="utf8mb4",
        )


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Make a server's data, start it, make a database and a user, and end it."""
    server = program("mariadbd", package="mariadb-server")
    install = program("mariadb-install-db", package="mariadb-server")
    owner = "mysql" if os.geteuid() == 0 else getpass.getuser()
    # A short path: sockets have room for a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="muster-maria-", dir="/tmp"))
    try:
        _give(folder, owner)
        _run(install, "--no-defaults", f"--user={owner}", f"--datadir={folder / 'data'}", "--skip-test-db",
             f"--auth-root-socket-user={getpass.getuser()}", "--auth-root-authentication-method=socket")  # fmt: skip
        with (folder / "log").open("wb") as log:
            child = spawn(
                [server, "--no-defaults", f"--user={owner}", f"--datadir={folder / 'data'}", "--skip-networking",
                 f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}", "--innodb-flush-log-at-trx-commit=0",
                 "--innodb-buffer-pool-size=32M", "--performance-schema=off"],
                env={"PATH": "/usr/bin:/bin", "TZ": "Asia/Tokyo"},
                cwd=folder,
                output=log,
            )  # fmt: skip
        try:
            found = Server(socket=folder / "socket", database="accounts", user="resets", password=secrets.token_hex(12))
            _prepare(found, child, folder / "log")
            yield found
        finally:
            end(child, first=signal.SIGTERM, patience_s=20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(server: Server, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while not _listens(server.socket):
        assert child.poll() is None, f"MariaDB ended: {log.read_text(errors='replace')[-1_500:]}"
        assert time.monotonic() < until, f"MariaDB does not listen: {log.read_text(errors='replace')[-1_500:]}"
        time.sleep(0.1)
    with pymysql.connect(unix_socket=str(server.socket), user=getpass.getuser(), autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {server.database} CHARACTER SET utf8mb4")
        cursor.execute(f"CREATE USER {server.user}@localhost IDENTIFIED BY %s", (server.password,))
        cursor.execute(f"GRANT SELECT, UPDATE, DELETE ON {server.database}.* TO {server.user}@localhost")


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _give(folder: Path, owner: str) -> None:
    entry = pwd.getpwnam(owner)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    folder.chmod(0o755)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=STARTS_WITHIN_S, check=False)
    assert done.returncode == 0, done.stderr[-1_500:] or done.stdout[-1_500:]
