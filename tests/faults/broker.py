"""A Valkey that the test holds in its hands: the product is given its address and starts none of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
from typing import Final

import redis

from supervisor.spawn import end
from tests.servers import start, throwaway_folder, throwaway_valkey


class Broker:
    """Runs as soon as it is made; stopped and frozen ones come back by `mend`."""

    def __init__(self) -> None:
        self._folder: Final = throwaway_folder()
        self._server: Final = throwaway_valkey(self._folder)
        self._process: subprocess.Popen[bytes] | None = start(self._server)

    @property
    def url(self) -> str:
        """Return its address."""
        return self._server.url()

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            end(self._process, first=signal.SIGKILL, patience_s=5)
            self._process = None

    def freeze(self) -> None:
        """Let it accept connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def empty(self) -> None:
        """Remove everything it holds."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def waiting(self, queue: str) -> int:
        """Return how many messages nobody has taken from a queue."""
        with redis.Redis.from_url(self.url) as client:
            return int(client.llen(queue))

    def mend(self) -> None:
        """Have it run and answer, whatever was done to it."""
        if self._process is None:
            self._process = start(self._server)
        else:
            self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """End it and remove what it wrote."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
