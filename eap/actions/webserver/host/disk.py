"""Files written so that a crash leaves the old one or the new one, and read by their SHA-256."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from eap.actions.webserver.host.trouble import Trouble, say

CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Have what was made, renamed or removed in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(file: BinaryIO) -> None:
    """Have a file's content survive a loss of power."""
    file.flush()
    os.fsync(file.fileno())


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    remove(part)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        sync_file(file)
    part.rename(path)
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; what is gone already is as well."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def private_folder(folder: Path) -> Path:
    """Make a folder (and those above it) that only its owner enters; return it. A link in its place is refused."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = os.lstat(folder)
    if not stat.S_ISDIR(kept.st_mode) or kept.st_uid != os.geteuid() or kept.st_mode & 0o077:
        raise Trouble(f"{folder} has to be a folder of our own that nobody else enters.")
    return folder


def require_closed(folder: Path) -> None:
    """Raise `Trouble` where others could put something of their own in the place of what we make in a folder."""
    if not folder.is_dir():
        raise Trouble(f"There is no folder {folder} on this host.")
    kept = folder.stat()
    if kept.st_uid not in (0, os.geteuid()) or kept.st_mode & (stat.S_IWOTH | stat.S_IWGRP):
        raise Trouble(f"{folder} can be changed by others than its owner, or is not ours: chown root, chmod go-w.")


def free_bytes(folder: Path) -> int:
    """Return how much may still be written below a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@contextmanager
def locked(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock on a file: what works on the same things elsewhere on this host has ended first.

    The kernel frees it when its holder dies, however it dies. Raises `Trouble` (passing) after `seconds`.
    """
    ends_at = time.monotonic() + seconds
    with path.open("ab") as file:
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends_at:
                    raise Trouble(
                        "Another call is still at work on this site; it was not waited for.", passing=True
                    ) from None
            if not told:
                say("Another call is at work on this site; waiting for it.")
                told = True
            time.sleep(0.2)
        yield
