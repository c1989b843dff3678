"""Other programs of the host: run so that nothing secret stands in their words or their environment."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

from eap.actions.webserver.host.trouble import Trouble

SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where servers' programs are; the PATH of those who sign in often lacks them."""
MARK = "MUSTER_MARK"
"""In the environment of all that this program starts, so that a stop finds it. What is to outlive it goes without."""


def environment(more: Mapping[str, str] | None = None, *, outlives: bool = False) -> dict[str, str]:
    """Return what a program sees: a few plain variables and `more`."""
    kept = ("PATH", "HOME", "TZ") if outlives else ("PATH", "HOME", "TZ", MARK)
    found = {name: os.environ[name] for name in kept if name in os.environ}
    path = f"{found.pop('PATH', '/usr/local/bin:/usr/bin:/bin')}:{SYSTEM_FOLDERS}"
    return {"LC_ALL": "C.UTF-8", "PATH": path, **found, **(more or {})}


def as_user(name: str) -> dict[str, Any]:
    """Return what makes Popen run a program as another user of the host, nothing for ""."""
    if not name:
        return {}
    try:
        found = pwd.getpwnam(name)
    except KeyError as error:
        raise Trouble(f"This host has no user {name!r}.") from error
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": [], "cwd": "/"}


@contextmanager
def secret_pipe(text: str) -> Iterator[int]:
    """Give a short secret by a pipe; yields the descriptor to read it from."""
    read, write = os.pipe()
    try:
        os.write(write, text.encode() + b"\n")
        os.close(write)
        yield read
    finally:
        os.close(read)


@contextmanager
def secret_file(text: str, *, owner: str = "") -> Iterator[int]:
    """Give a secret as a file that is in memory only, for programs that want a path: /proc/self/fd/N."""
    handle = os.memfd_create("muster")
    try:
        os.fchmod(handle, 0o600)
        if owner:
            os.fchown(handle, pwd.getpwnam(owner).pw_uid, -1)
        os.write(handle, text.encode())
        yield handle
    finally:
        os.close(handle)


@contextmanager
def started(words: Sequence[str], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program; however the block ends, the program has ended after it. Raises `Trouble` where it is missing."""
    try:
        process = subprocess.Popen(list(words), **how)
    except FileNotFoundError as error:
        raise Trouble(f"This host has no {words[0]}.") from error
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait()


@contextmanager
def complaints() -> Iterator[IO[bytes]]:
    """Give programs a file for what they complain of: a pipe nobody reads would hold them up."""
    with tempfile.TemporaryFile() as file:
        yield file


def last_words(file: IO[bytes], otherwise: str) -> str:
    """Return the last line of what a program complained of."""
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - 4_000))
    lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else otherwise


def run(words: Sequence[str], *, outlives: bool = False, **how: Any) -> None:
    """Run a program to its end; raises `Trouble` with its last words when it fails."""
    with complaints() as said:
        with started(
            words,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment(outlives=outlives),
            start_new_session=outlives,
            **how,
        ) as process:
            status = process.wait()
        if status:
            raise Trouble(f"{words[0]} failed: {last_words(said, f'exit status {status}')}")
