"""Turns into another program that dies with its parent; a script, run by path, with nothing but the standard library.

`launch.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT ...]`: becomes UID and GID (-1: stays who it is), asks Linux to
send SIGNAL when the parent dies, and replaces itself by PROGRAM. The process number stays the same. Doing this after
the fork in a program of its own, and not between fork and exec, keeps it safe in a parent that has threads.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
"""`linux/prctl.h`."""


def main(argv: list[str]) -> None:
    """Never returns; ends with 127 where the program cannot be started and 125 where the parent is gone already."""
    parent, death_signal, uid, gid = (int(word) for word in argv[:4])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which clears it.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(125)
    try:
        os.execvpe(argv[4], argv[4:], os.environ)  # noqa: S606 - the supervisor's own fixed commands, no shell wanted
    except OSError as error:
        sys.stderr.write(f"{argv[4]} cannot be started: {error}\n")
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
