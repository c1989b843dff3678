"""What SFTP and rsync targets share: whom to trust, checked before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from statuspage.models import Target
from statuspage.publishing.targets.place import Trouble, secrets_of

HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]{0,252}", re.ASCII)
USER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
HOST_KEY: Final = re.compile(r"(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]+={0,2}", re.ASCII)
FOLDER: Final = re.compile(r"/[^\0\n\r]*")


@dataclass(frozen=True, kw_only=True)
class Login:
    """A host and how to get in. `host_key` is type and key, as `ssh-keyscan` prints them after the name."""

    host: str
    port: int
    user: str
    host_key: str
    folder: str
    private_key: str
    password: str

    @property
    def known_hosts(self) -> str:
        """Return the line of a known_hosts file that admits this host alone (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
        name = self.host if self.port == 22 else f"[{self.host}]:{self.port}"
        return f"{name} {self.host_key}\n"


def login_of(target: Target) -> Login:
    """Return the login in a target's settings; raises Trouble for one that is incomplete or no plain name.

    A host or user that began with a dash would be an option of the program it is handed to.
    """
    given, secret = target.settings, secrets_of(target)
    login = Login(
        host=str(given.get("host", "")),
        port=int(given.get("port") or 22),
        user=str(given.get("user", "")),
        host_key=" ".join(str(given.get("host_key", "")).split()[:2]),
        folder=str(given.get("folder", "")).rstrip("/"),
        private_key=str(secret.get("private_key", "")),
        password=str(secret.get("password", "")),
    )
    if not HOST.fullmatch(login.host) or not USER.fullmatch(login.user):
        raise Trouble("Host or user is no plain name.")
    if not HOST_KEY.fullmatch(login.host_key):
        raise Trouble("The host's key is missing: without it nobody knows who takes the files.")
    if not FOLDER.fullmatch(login.folder):
        raise Trouble("The folder has to be an absolute path.")
    return login
