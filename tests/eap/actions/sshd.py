"""A real OpenSSH server on loopback, with keys and a home of its own."""

from __future__ import annotations

import getpass
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eap.actions.base import Host
from tests.programs import program


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where it listens, whom it lets in with which key, and its own key."""

    port: int
    user: str
    key: str
    host_key: str

    def target(self, name: str = "web1", **variables: str) -> Host:
        """Return this server as a host of an inventory."""
        known = {"port": str(self.port), "host_key": self.host_key}
        return Host(name=name, address="127.0.0.1", variables=known | variables)


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start a server that lets the present user in by key, and end it."""
    binary = program("sshd", package="openssh-server")
    keygen = program("ssh-keygen", package="openssh-client")
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nPidFile {folder / 'pid'}\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nStrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\n"
        "PasswordAuthentication no\nSubsystem sftp internal-sftp\nMaxStartups 100\n"
    )
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen([binary, "-D", "-e", "-f", str(config)], stderr=log) as process,
    ):
        try:
            _wait_for(port)
            yield Server(
                port=port,
                user=getpass.getuser(),
                key=(folder / "user").read_text(),
                host_key=" ".join((folder / "host.pub").read_text().split()[:2]),
            )
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("sshd did not start; see its log.")
