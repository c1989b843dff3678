"""The unprivileged user that PostgreSQL and Valkey run as when Muster is started by root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supervisor.errors import StartRefused

NAME: Final = "muster-servers"
USERADD: Final = ("/usr/sbin/useradd", "/sbin/useradd")
"""Named in full: a bare PATH often lacks the folders of system administration."""


@dataclass(frozen=True, kw_only=True)
class ServiceUser:
    """A system user without a shell or a home."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path, *, mode: int) -> None:
        """Give `path` to this user with permission bits `mode`."""
        os.chown(path, self.uid, self.gid)
        path.chmod(mode)


def service_user() -> ServiceUser | None:
    """Return the user for the embedded servers: None for an ordinary user, who runs them as himself.

    PostgreSQL refuses to run as root. As root the user is looked up and made where missing.
    """
    if os.geteuid() != 0:
        return None
    return _look_up() or _create()


def _look_up() -> ServiceUser | None:
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        return None
    return ServiceUser(name=NAME, uid=entry.pw_uid, gid=entry.pw_gid)


def _create() -> ServiceUser:
    useradd = next((path for path in USERADD if Path(path).exists()), None)
    if useradd:
        subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", NAME],
            capture_output=True,
            check=False,
        )  # fmt: skip
    # Looked up again in any case: another start may have made it between our look and our attempt.
    made = _look_up()
    if made is None:
        raise StartRefused(
            f"PostgreSQL refuses to run as root, and the system user {NAME!r} could not be made. "
            "Start Muster as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )
    return made
