"""A product of the bench's own: started in a folder of its own, measured from outside, ended."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parent.parent
START_S: Final = 120


@dataclass(frozen=True)
class Product:
    """A running product: what its demo.json says."""

    facts: dict[str, Any]
    folder: Path

    @property
    def url(self) -> str:
        """Return the product's address."""
        return str(self.facts["url"])

    @property
    def simulator(self) -> str:
        """Return the provider peer's address."""
        return str(self.facts["simulator"])

    def pids(self) -> dict[str, list[int]]:
        """Return the processes by name, as they are now."""
        found: dict[str, list[int]] = json.loads((self.folder / "demo.json").read_text())["pids"]
        return found


@contextlib.contextmanager
def running(**settings: str) -> Iterator[Product]:
    """Start the product with the demonstration company on free ports; end it and remove its folder afterwards.

    `settings` stand in its environment.
    """
    folder = Path(tempfile.mkdtemp(prefix="muster-bench."))
    # The servers drop to another user on a root machine and must reach their data.
    folder.chmod(0o755)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", str(folder)),
        "VAR_DIR": str(folder),
        "PORT": str(free_port()),
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    with (folder / "log").open("wb") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "supervisor", "run"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield Product(_wait_ready(folder, env["PORT"], supervisor), folder)
    finally:
        supervisor.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            supervisor.wait(timeout=20)
        supervisor.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_ready(folder: Path, port: str, supervisor: subprocess.Popen[bytes]) -> dict[str, Any]:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if supervisor.poll() is not None:
            break
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                facts: dict[str, Any] = json.loads((folder / "demo.json").read_text())
                return facts
        time.sleep(0.2)
    raise SystemExit("The product did not start:\n" + (folder / "log").read_text(errors="replace")[-3000:])


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Client:
    """One kept HTTP connection, as monitoring tools hold them."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def post(self, path: str, body: bytes, kind: str = "application/json", **headers: str) -> tuple[int, bytes, float]:
        """Return status, body and the moment (time.time()) at which the answer's last byte was read."""
        return self._ask("POST", path, body, {"Content-Type": kind, **headers})

    def get(self, path: str) -> Any:
        """Return the JSON of an address."""
        return json.loads(self._ask("GET", path, None, {})[1])

    def put(self, path: str, body: Any) -> None:
        """Put JSON."""
        self._ask("PUT", path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def delete(self, path: str) -> None:
        """Delete what is there."""
        self._ask("DELETE", path, None, {})

    def _ask(self, verb: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes, float]:
        self._connection.request(verb, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, text, time.time()
