"""One embedded PostgreSQL: making its cluster, the command that runs it, its address."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from supervisor.binaries import postgres_version
from supervisor.errors import StartRefused
from supervisor.service_user import ServiceUser
from supervisor.spawn import command_line, noted_pid, signal_group, spawn
from supervisor.tree import private_folder

USER: Final = "muster"
ENVIRONMENT: Final = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
"""Of the servers. A locale that this machine lacks would make `initdb` fail."""


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A cluster under `data`, reachable only by its Unix socket in `sockets` and only with `password` (SCRAM).

    `durable=False` switches `fsync` off: for data that is thrown away.
    """

    binaries: Path
    data: Path
    sockets: Path
    owner: ServiceUser | None
    password: str
    durable: bool = True

    title: ClassVar[str] = "PostgreSQL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT
    """The fast shutdown: open sessions are ended, the data is left clean."""

    def prepare(self) -> None:
        """Make the cluster where there is none and end a server that a crash left behind; raises StartRefused."""
        version = postgres_version(self.binaries)
        if not self.data.exists():
            self._initialise(version or 0)
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(version):
            raise StartRefused(
                f"The data in {self.data} was made by PostgreSQL {made_by}, but {version} is installed. "
                "Take a backup with the version of Muster that made it, then `bin/run --reset` and restore."
            )
        self.end_stale()

    def end_stale(self) -> None:
        """End a server of ours that outlived its supervisor; found by its pid file and its command line."""
        pid_file = self.data / "postmaster.pid"
        pid = noted_pid(pid_file)
        for number in (self.stop_signal, signal.SIGQUIT, signal.SIGKILL):
            for _ in range(50):
                if not pid or str(self.data) not in command_line(pid):
                    # PostgreSQL refuses to start over one that is empty, or whose number another program has now.
                    pid_file.unlink(missing_ok=True)
                    return
                signal_group(pid, number)
                time.sleep(0.1)
        raise StartRefused(f"A PostgreSQL of an earlier run (process {pid}) does not end. End it and start again.")

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "",
            "log_checkpoints": "off",
            "jit": "off",  # our statements are short: compiling them costs more than it gains
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *flags]

    def url(self, database: str) -> str:
        """Return the address of `database`, as libpq and Django understand it."""
        return (
            f"postgresql://{USER}:{quote(self.password, safe='')}@/{database}?host={quote(str(self.sockets), safe='')}"
        )

    def is_ready(self) -> bool:
        """Tell whether the server lets us in now."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str) -> bool:
        """Create database `name` where it is missing; tell whether it was."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return True

    def _initialise(self, version: int) -> None:
        """Make the cluster beside its place and move it there, so that a killed attempt leaves nothing half."""
        draft = self.data.with_name(f"{self.data.name}-new")
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft, self.owner)
        secret = draft.with_name(f"{draft.name}-password")
        secret.touch(mode=0o600)
        if self.owner:
            self.owner.own(secret, mode=0o600)
        secret.write_text(self.password + "\n", encoding="ascii")
        locale = ["--locale=C", "--encoding=UTF8"]
        if version >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        argv = [
            str(self.binaries / "initdb"),
            "-D",
            str(draft),
            "-U",
            USER,
            "--auth=scram-sha-256",
            "--no-instructions",
        ]
        argv += [*locale, f"--pwfile={secret}", *([] if self.durable else ["--no-sync"])]
        child = spawn(argv, env=ENVIRONMENT, cwd=draft, owner=self.owner, output=subprocess.PIPE)
        said, _ = child.communicate()
        secret.unlink()
        if child.returncode != 0:
            raise StartRefused(f"PostgreSQL could not make its data folder:\n{said.decode(errors='replace')}")
        draft.rename(self.data)
