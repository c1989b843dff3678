"""One supervisor per checkout, by a lock that the system releases when its holder dies."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyHeld(Exception):
    """Somebody else holds the lock."""


@contextmanager
def held(path: Path, *, purpose: str, wait: bool) -> Iterator[None]:
    """Hold the lock at `path` inside; raises AlreadyHeld at once, or with `wait` stays until it is free.

    `purpose` is written into the file, so that others can tell what the holder is doing.
    """
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise AlreadyHeld from None
            sys.stderr.write("Waiting for another command of this checkout to end ...\n")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(purpose)
        file.flush()
        yield
        file.truncate(0)


def holder(path: Path) -> str:
    """Return the purpose that the lock's holder wrote, blank where nobody holds it."""
    try:
        with path.open(encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip() or "starting"
    except FileNotFoundError:
        pass
    return ""
