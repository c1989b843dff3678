"""A real `bin/run` in a `var` of its own, watched from outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from supervisor.ports import free_port
from supervisor.tree import SYSTEM_STATE

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
DECIDED_HERE = ("PORT", "PUBLIC_URL", "STREAM_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "VAR_DIR", "SECRET_KEY")
"""Settings of the suite that a start of its own must not inherit."""


def eventually(is_so: Callable[[], bool], *, within_s: float, what: str) -> float:
    """Wait until `is_so`; return the seconds it took, fail after `within_s`."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < within_s, f"{what} took more than {within_s} s"
        time.sleep(0.05)
    return time.monotonic() - started


class Start:
    """`bin/run` and `bin/manage` of this checkout with one `var` folder; a folder name with a blank is part of it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="muster start "))
        self.var = self.folder / "var"
        self.log = self.folder / "log"
        self.process: subprocess.Popen[bytes] | None = None
        taken = [name for name in os.environ if name in DECIDED_HERE or name.startswith(("TWILIO_", "PYTEST_"))]
        self.env = {name: value for name, value in os.environ.items() if name not in taken}
        self.env |= {"VAR_DIR": str(self.var), "PORT": str(free_port())}

    def up(self) -> None:
        """Start it where it does not run and wait until it says that it is ready."""
        if self.process and self.process.poll() is None:
            return
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(ROOT / "bin" / "run")], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        eventually(lambda: self.said("Muster is ready") or self.ended(), within_s=PATIENCE_S, what="Starting")
        assert not self.ended(), self.log.read_text(errors="replace")

    def down(self) -> float:
        """Ask it to end; return the seconds it took."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return eventually(self.ended, within_s=PATIENCE_S, what="Stopping")

    def ended(self) -> bool:
        """Tell whether the supervisor is gone."""
        return self.process is None or self.process.poll() is not None

    def said(self, words: str) -> bool:
        """Tell whether the log holds `words`."""
        return words in self.log.read_text(errors="replace")

    def facts(self) -> dict[str, Any]:
        """Return what `demo.json` publishes."""
        content: dict[str, Any] = json.loads((self.var / "demo.json").read_text())
        return content

    def is_ready(self) -> bool:
        """Tell whether the web says that it is ready."""
        try:
            return httpx.get(f"{self.facts()['url']}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def command(self, *words: str, **more_env: str) -> subprocess.CompletedProcess[str]:
        """Run one of the checkout's commands to its end."""
        return subprocess.run(
            [str(ROOT / "bin" / words[0]), *words[1:]],
            env=self.env | more_env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def family(self) -> list[psutil.Process]:
        """Return the supervisor and every process below it, their own children too."""
        assert self.process
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def remove(self) -> None:
        """End it and remove all it made."""
        if not self.ended():
            self.down()
        identity = self.var / "instance"
        if identity.exists() and os.geteuid() == 0:
            shutil.rmtree(SYSTEM_STATE / identity.read_text().strip(), ignore_errors=True)
        shutil.rmtree(self.folder)
