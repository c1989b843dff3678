"""A real OpenSSH server with PAM on loopback, and Linux users that are there for its tests only.

Where the machine allows it, the server sees a copy of /etc in a mount namespace of its own, and the users are made
there; else they are made on the machine itself and taken away in the end.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from passlib.hash import sha512_crypt

from eap.models import Inventory, InventoryHost
from tests.programs import SYSTEM_FOLDERS, program

HOST: Final = "web1"
SECONDS: Final = 60
UIDS: Final = 100
"""Users of one server; each process of the tests has ids of its own, since processes are killed by them."""


@dataclass(kw_only=True)
class Sshd:
    """Where it listens; `root_key` signs in as root; `revoked` is its RevokedKeys. `users` are those made by it."""

    port: int
    root_key: str
    user_key: str
    user_public: str
    host_key: str
    revoked: Path
    state: Path
    homes: Path
    inside: tuple[str, ...]
    first_uid: int
    users: dict[str, int] = field(default_factory=dict)

    def settings(self, **changed: Any) -> dict[str, Any]:
        """Return a backend's settings for it."""
        given = {
            "hosts": "harbor",
            "key": "root_key",
            "min_uid": self.first_uid,
            "max_uid": self.first_uid + UIDS - 1,
            "folder": str(self.state),
            "revoked_keys": str(self.revoked),
        }
        return given | changed

    def lay_inventory(self) -> None:
        """Name this server in an inventory, as the host `web1` of the inventory `harbor`."""
        inventory, _made = Inventory.objects.get_or_create(name="harbor")
        variables = {"port": str(self.port), "host_key": self.host_key}
        InventoryHost.objects.get_or_create(
            inventory=inventory,
            name=HOST,
            defaults={"address": "127.0.0.1", "groups": ["web"], "variables": variables},
        )

    def add(self, login: str, password: str, *, day: int | None = None, key: bool = False) -> Path:
        """Make a user with a password that was set on a day since 1970 (None: nobody knows); return its home."""
        home = self.homes / login
        uid = min(set(range(self.first_uid, self.first_uid + UIDS)) - set(self.users.values()))
        words = ("useradd", "-N", "-g", "nogroup", "-M", "-d", str(home), "-s", "/bin/sh", "-u", str(uid))
        self.run(*words, "-p", hash_of(password), login)
        self.users[login] = uid
        self.run("chage", "-d", "-1" if day is None else str(day), login)
        home.mkdir(mode=0o700)
        os.chown(home, uid, -1)
        if key:
            folder = home / ".ssh"
            folder.mkdir(mode=0o700)
            (folder / "authorized_keys").write_text(self.user_public)
            (folder / "authorized_keys").chmod(0o600)
            for each in (folder, folder / "authorized_keys"):
                os.chown(each, uid, -1)
        return home

    def set_hash(self, login: str, password: str) -> None:
        """Set a password as its owner or a panel does; its day is today."""
        self.run("chpasswd", "-e", stdin=f"{login}:{hash_of(password)}\n")

    def remove(self, login: str) -> None:
        """Take a user away, with everything it runs and has."""
        uid = self.users.pop(login)
        self.run("pkill", "-KILL", "-U", str(uid), check=False)
        self.run("userdel", "-f", login, check=False)
        shutil.rmtree(self.homes / login, ignore_errors=True)

    def shadow(self, login: str) -> list[str]:
        """Return the fields of a user's line in /etc/shadow."""
        return self.run("getent", "shadow", login).split(":")

    def run(self, *words: str, stdin: str = "", check: bool = True) -> str:
        """Run a program where the server's users are, and return what it says."""
        return run(*self.inside, *words, stdin=stdin, check=check)

    def lets_in(self, login: str, *, password: str = "", key: str = "") -> bool:
        """Return whether a sign-in by SSH goes."""
        return asyncio.run(self._tried(login, password, key))

    async def _tried(self, login: str, password: str, key: str) -> bool:
        import asyncssh

        try:
            async with asyncssh.connect(
                "127.0.0.1",
                self.port,
                username=login,
                password=password or None,
                client_keys=[asyncssh.import_private_key(key)] if key else None,
                known_hosts=asyncssh.import_known_hosts(f"[127.0.0.1]:{self.port} {self.host_key}\n"),
                preferred_auth="publickey" if key else "password",
                agent_path=None,
                config=None,
                connect_timeout=SECONDS,
                login_timeout=SECONDS,
            ) as connection:
                return str((await connection.run("echo in", check=True)).stdout).strip() == "in"
        except (asyncssh.PermissionDenied, asyncssh.ConnectionLost, asyncssh.ProcessError):
            return False


def run(*words: str, stdin: str = "", check: bool = True) -> str:
    """Run a program, an administrator's too, and return what it says; unless told otherwise it must end well."""
    env = os.environ | {"PATH": f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}"}
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False, timeout=SECONDS, env=env)
    assert done.returncode == 0 or not check, (words, done.stdout, done.stderr)
    return done.stdout.strip()


def hash_of(password: str) -> str:
    """Return a cheap hash of a password, as /etc/shadow keeps it."""
    return str(sha512_crypt.using(rounds=1_000).hash(password))


@contextmanager
def running(folder: Path) -> Iterator[Sshd]:
    """Start the server, end it, and take away the users that were made. Needs root: it makes and changes users."""
    if os.geteuid() != 0:
        pytest.skip("Making Linux users for the test needs root.")
    binary = program("sshd", package="openssh-server")
    for name, package in (("useradd", "passwd"), ("vipw", "passwd"), ("setpriv", "util-linux"), ("pkill", "procps")):
        program(name, package=package)
    keygen = program("ssh-keygen", package="openssh-client")
    for name in ("host", "root", "user"):
        run(keygen, "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name))
    (folder / "authorized").write_text((folder / "root.pub").read_text())
    (folder / "revoked").write_text("")
    # Users must get to their homes, and may not enter the test's own folder.
    homes = Path(tempfile.mkdtemp(prefix="muster-homes."))
    homes.chmod(0o755)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nPidFile {folder / 'pid'}\n"
        f"StrictModes no\nUsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n"
        f"PermitRootLogin prohibit-password\nRevokedKeys {folder / 'revoked'}\nMaxStartups 100\nUseDNS no\n"
        "PrintMotd no\nAuthorizedKeysFile .ssh/authorized_keys\n"
        f"Match User root\n  AuthorizedKeysFile {folder / 'authorized'}\n"
    )
    copy = folder / "etc"
    copy.mkdir(mode=0o755)
    apart = _apart(copy)
    command = [binary, "-D", "-e", "-f", str(folder / "config")]
    server = Sshd(
        port=port,
        root_key=(folder / "root").read_text(),
        user_key=(folder / "user").read_text(),
        user_public=(folder / "user.pub").read_text(),
        host_key=" ".join((folder / "host.pub").read_text().split()[:2]),
        revoked=folder / "revoked",
        state=folder / "state",
        homes=homes,
        inside=(),
        first_uid=20_000 + os.getpid() % 350 * UIDS,
    )
    with (folder / "log").open("w") as log, subprocess.Popen([*apart, *command], stderr=log) as process:
        try:
            _wait_for(port, process)
            if apart:
                server.inside = (program("nsenter", package="util-linux"), "-t", str(process.pid), "-m")
            yield server
        finally:
            for login in sorted(server.users):
                server.remove(login)
            shutil.rmtree(homes, ignore_errors=True)
            process.terminate()


def _apart(folder: Path) -> list[str]:
    """Return what starts a program with a copy of /etc in its place, [] where this machine does not allow it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    words = [unshare, "-m", "sh", "-c", 'mount --bind "$1" /etc && shift && exec "$@"', "sh", str(folder)]
    if subprocess.run([*words, "true"], capture_output=True, check=False, timeout=SECONDS).returncode:
        return []
    run("cp", "-a", "/etc/.", str(folder))
    for path in (folder / "pam.d").glob("common-auth"):
        # Two seconds for each wrong password are good against guessing, and long in tests.
        path.write_text(path.read_text().replace("pam_unix.so", "pam_unix.so nodelay"))
    return words


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("sshd did not start; see its log.")
