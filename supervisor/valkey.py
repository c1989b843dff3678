"""One embedded Valkey: the command that runs it, its address."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import redis

from supervisor.errors import StartRefused
from supervisor.service_user import ServiceUser
from supervisor.spawn import command_line, noted_pid, signal_group
from supervisor.tree import private_folder


@dataclass(frozen=True, kw_only=True)
class Valkey:
    """A server with its append-only file under `data`, reachable only by its Unix socket in `sockets`."""

    program: Path
    data: Path
    sockets: Path
    owner: ServiceUser | None

    title: ClassVar[str] = "Valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        return self.sockets / "valkey.sock"

    def prepare(self) -> None:
        """Make the data folder and end a server that a crash left behind; raises StartRefused."""
        private_folder(self.data, self.owner)
        self.end_stale()

    def end_stale(self) -> None:
        """End a server of ours that outlived its supervisor; found by its pid file and its command line."""
        pid = noted_pid(self.data / "valkey.pid")
        for number in (self.stop_signal, signal.SIGKILL):
            for _ in range(50):
                # Valkey shows its title in place of its arguments: "…/valkey-server unixsocket:/…/valkey.sock".
                if not pid or str(self.socket) not in command_line(pid):
                    return
                signal_group(pid, number)
                time.sleep(0.1)
        raise StartRefused(f"A Valkey of an earlier run (process {pid}) does not end. End it and start again.")

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        flags = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.data),
            "--pidfile": str(self.data / "valkey.pid"),
            "--daemonize": "no",
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            "--save": "",  # the append-only file is enough
            "--maxmemory-policy": "noeviction",
            "--loglevel": "warning",
        }
        return [str(self.program), *(word for flag in flags.items() for word in flag)]

    def url(self) -> str:
        """Return the address as redis-py understands it."""
        return f"unix://{self.socket}"

    def is_ready(self) -> bool:
        """Tell whether the server answers now."""
        client = redis.Redis.from_url(self.url(), socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
