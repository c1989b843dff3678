"""Where one checkout keeps what it makes: secrets under `var/`, the servers and their data in a state folder."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervisor.errors import StartRefused
from supervisor.service_user import ServiceUser, service_user

SYSTEM_STATE: Final = Path("/var/lib/muster")
SOCKET_PATH_LIMIT: Final = 80
"""Bytes for the folder: a socket's whole path may have 103 (macOS), and PostgreSQL adds `/.s.PGSQL.5432.lock`."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The folders of one checkout. `state` holds the servers' data, `sockets` their Unix sockets."""

    root: Path
    var: Path
    state: Path
    sockets: Path
    owner: ServiceUser | None

    @classmethod
    def at(cls, root: Path, *, var: Path) -> Tree:
        """Return the folders of the checkout at `root` with its `var`, made where missing.

        As root the state is /var/lib/muster/<id>, because the service user may not enter a private home; `id` is
        random and kept in `var/instance`, so two checkouts never share data. Otherwise it is `var/embedded`.
        """
        var.mkdir(parents=True, exist_ok=True)
        identity = _identity(var / "instance")
        owner = service_user()
        if owner:
            try:
                SYSTEM_STATE.mkdir(parents=True, exist_ok=True)
                SYSTEM_STATE.chmod(0o755)
            except OSError as error:
                raise StartRefused(
                    f"{error}. Embedded servers started by root need it; set DATABASE_URL and REDIS_URL otherwise."
                ) from None
            state = SYSTEM_STATE / identity
        else:
            state = var / "embedded"
        state.mkdir(exist_ok=True)
        state.chmod(0o755 if owner else 0o700)
        return cls(root=root, var=var, state=state, sockets=_socket_folder(state, identity, owner), owner=owner)


def private_folder(path: Path, owner: ServiceUser | None) -> Path:
    """Make `path` a folder that only its owner enters (0700) and return it."""
    path.mkdir(exist_ok=True)
    if owner:
        owner.own(path, mode=0o700)
    elif path.lstat().st_uid != os.getuid():
        raise StartRefused(f"{path} belongs to somebody else. Remove it or let its owner start Muster.")
    else:
        path.chmod(0o700)
    return path


def _identity(path: Path) -> str:
    """Return the checkout's random name; the first of two starts at once decides it."""
    if not path.exists():
        draft = path.with_name(f"instance.{os.getpid()}")
        draft.write_text(secrets.token_hex(4) + "\n", encoding="ascii")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all, and never over another's
        draft.unlink()
    identity = path.read_text(encoding="ascii").strip()
    if not re.fullmatch(r"[0-9a-f]{8}", identity):
        raise StartRefused(f"{path} does not hold this checkout's name (8 hexadecimal digits). Remove the file.")
    return identity


def _socket_folder(state: Path, identity: str, owner: ServiceUser | None) -> Path:
    """Return a private folder whose path is short and plain enough for sockets and for addresses that name them."""
    folder = state / "run"
    if len(os.fsencode(folder)) > SOCKET_PATH_LIMIT or not re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        short = Path(tempfile.gettempdir())
        folder = (short if len(str(short)) < SOCKET_PATH_LIMIT - 20 else Path("/tmp")) / f"muster-{identity}"  # noqa: S108 - private_folder refuses one that is not ours
    return private_folder(folder, owner)
