"""One process that is kept running: how to start it, and when to start it again."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from supervisor.service_user import ServiceUser
from supervisor.spawn import spawn

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 10.0
STEADY_AFTER_S: Final = 60.0
"""One that lived this long starts with the first pause again."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """How to start one child. `kind` groups children in the published list of process numbers."""

    name: str
    kind: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    owner: ServiceUser | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """What it gets when the supervisor was killed. The product may lose power at any moment; servers are asked."""


def pause_before_restart(*, failures: int) -> float:
    """Return the seconds to wait before the next start after `failures` (at least 1) quick ends in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** (failures - 1), LONGEST_PAUSE_S)


@dataclass(kw_only=True)
class Child:
    """A command and its current process. Times are of the monotonic clock, in seconds."""

    command: Command
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float | None = None
    """When to start it again; None while it runs or shall not run."""
    unfinished_line: bytes = field(default=b"", repr=False)

    def start(self, *, now: float) -> subprocess.Popen[bytes]:
        """Start the process; its output comes through a pipe."""
        self.process = spawn(
            self.command.argv,
            env=self.command.env,
            cwd=self.command.cwd,
            owner=self.command.owner,
            death_signal=self.command.death_signal,
            output=subprocess.PIPE,
        )
        self.started_at, self.due_at = now, None
        return self.process

    def ended(self, *, now: float) -> float:
        """Note that the process ended by itself; return the seconds until it is started again."""
        self.failures = 1 if now - self.started_at >= STEADY_AFTER_S else self.failures + 1
        pause = pause_before_restart(failures=self.failures)
        self.process, self.due_at = None, now + pause
        return pause


def how_it_ended(code: int) -> str:
    """Return a child's end in words: "ended with 1", "was killed by SIGKILL"."""
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
