"""Starting a child that does not outlive us, and ending it with everything it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from supervisor.service_user import ServiceUser

LAUNCHER = Path(__file__).with_name("launch.py")


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    owner: ServiceUser | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    output: int | IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` as the leader of its own session and process group, standard error joined to `output`.

    With `owner` it runs as that user. On Linux the child gets `death_signal` when the thread that called this ends,
    so call it from the main thread.
    """
    uid, gid = (owner.uid, owner.gid) if owner else (-1, -1)
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(death_signal)), str(uid), str(gid)]
    return subprocess.Popen(
        [*launcher, *argv],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )


def signal_group(leader: int, number: signal.Signals) -> None:
    """Send `number` to the process group of `leader`; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def end(child: subprocess.Popen[bytes], *, first: signal.Signals, patience_s: float) -> None:
    """Ask the child to end, wait `patience_s` seconds, then kill what is left of its process group."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience_s)
    signal_group(child.pid, signal.SIGKILL)
    child.wait()


def noted_pid(path: Path) -> int:
    """Return the process number on the first line of a pid file, 0 where there is none that can be read."""
    try:
        first = path.read_text(encoding="ascii").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError):
        return 0
    return int(first) if first.isdigit() else 0


def command_line(pid: int) -> str:
    """Return the command line of a running process, blank where there is none (a zombie has none either)."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)],  # noqa: S607 - macOS keeps it in /bin, which is always searched
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout.strip()
