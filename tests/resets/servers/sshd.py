"""A real OpenSSH server with PAM on loopback, and Linux users of this machine that are there for the tests only."""

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
from typing import Final

import pytest
from passlib.hash import sha512_crypt

from eap.models import Inventory, InventoryHost
from tests.programs import program

HOST: Final = "web1"
SECONDS: Final = 30


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
    users: set[str] = field(default_factory=set)

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
        self.users.add(login)
        run("useradd", "--no-user-group", "-g", "nogroup", "-m", "-d", str(home), "-s", "/bin/sh", login)
        self.set_hash(login, password)
        run("chage", "-d", "-1" if day is None else str(day), login)
        if key:
            folder = home / ".ssh"
            folder.mkdir(mode=0o700)
            (folder / "authorized_keys").write_text(self.user_public)
            (folder / "authorized_keys").chmod(0o600)
            uid = int(run("id", "-u", login))
            for each in (folder, folder / "authorized_keys"):
                os.chown(each, uid, -1)
        return home

    def set_hash(self, login: str, password: str) -> None:
        """Set a password as its owner or a panel does; its day is today."""
        hashed = sha512_crypt.using(rounds=1_000).hash(password)
        run("chpasswd", "-e", stdin=f"{login}:{hashed}\n")

    def remove(self, login: str) -> None:
        """Take a user away, with everything it runs and has."""
        if login in self.users and run("getent", "passwd", login, check=False):
            run("pkill", "-KILL", "-u", login, check=False)
            run("userdel", "-f", login)
            shutil.rmtree(self.homes / login, ignore_errors=True)
        self.users.discard(login)

    def shadow(self, login: str) -> list[str]:
        """Return the fields of a user's line in /etc/shadow."""
        return run("getent", "shadow", login).split(":")

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
    """Run a program and return what it says; unless told otherwise it must end well."""
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0 or not check, (words, done.stdout, done.stderr)
    return done.stdout.strip()


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
    server = Sshd(
        port=port,
        root_key=(folder / "root").read_text(),
        user_key=(folder / "user").read_text(),
        user_public=(folder / "user.pub").read_text(),
        host_key=" ".join((folder / "host.pub").read_text().split()[:2]),
        revoked=folder / "revoked",
        state=folder / "state",
        homes=homes,
    )
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen([binary, "-D", "-e", "-f", str(folder / "config")], stderr=log) as process,
    ):
        try:
            _wait_for(port, process)
            yield server
        finally:
            for login in sorted(server.users):
                server.remove(login)
            shutil.rmtree(homes, ignore_errors=True)
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("sshd did not start; see its log.")
