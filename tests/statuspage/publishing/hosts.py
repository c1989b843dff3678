"""Real other sides for targets: an SSH server on loopback and storage that speaks S3."""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from supervisor.ports import free_port
from tests.programs import program


@dataclass(frozen=True, kw_only=True)
class SshHost:
    """A running sshd that lets one key in; what is uploaded lands under `folder`."""

    port: int
    user: str
    host_key: str
    private_key: str
    folder: Path
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def ssh_host(folder: Path) -> Iterator[SshHost]:
    """Run OpenSSH's server on a free port of 127.0.0.1, with keys of its own and the account that runs the tests."""
    sshd, keygen = program("sshd", package="openssh-server"), program("ssh-keygen", package="openssh-client")
    folder.mkdir(parents=True)
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    (folder / "authorized").chmod(0o600)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd of Debian insists on it
    port = free_port()
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"PidFile {folder}/pid\nUsePAM no\nStrictModes no\nPasswordAuthentication no\n"
        "PermitRootLogin prohibit-password\n"
        "KbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\n"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stderr=log)
    try:
        _wait_for(port)
        kind, key = (folder / "host.pub").read_text().split()[:2]
        yield SshHost(
            port=port,
            user=pwd.getpwuid(os.geteuid()).pw_name,
            host_key=f"{kind} {key}",
            private_key=(folder / "user").read_text(),
            folder=folder / "site",
            process=process,
        )
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def storage() -> Iterator[str]:
    """Run moto's server, which speaks S3; yields its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("The SSH server did not start.")
