"""Ends what a killed supervisor leaves behind; a script, run by path, with nothing but the standard library.

Linux tells only direct children that their parent died. A web server has processes of its own, so this small one
holds the reading end of a pipe: `watch LEADER SIGNAL` and `forget LEADER` come through it, and when it ends (the
supervisor is gone, however that happened) each group still watched gets its signal, and 5 seconds later whatever is
left is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

PATIENCE_S = 5.0


def main() -> None:
    """Read commands until the pipe ends, then end the groups."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        verb, *numbers = line.split()
        if verb == "watch":
            groups[int(numbers[0])] = int(numbers[1])
        else:
            groups.pop(int(numbers[0]), None)
    for leader, number in groups.items():
        _signal(leader, number)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and any(_signal(leader, 0) for leader in groups):
        time.sleep(0.05)
    for leader in groups:
        _signal(leader, signal.SIGKILL)


def _signal(leader: int, number: int) -> bool:
    """Send `number` to a process group; tell whether it still exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
        return True
    return False


if __name__ == "__main__":
    main()
