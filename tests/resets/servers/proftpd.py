"""A real ProFTPD on loopback that reads its users from PostgreSQL, by FTP and by SFTP (mod_sftp)."""

from __future__ import annotations

import contextlib
import ftplib
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from supervisor.ports import free_port
from supervisor.spawn import end, spawn
from tests.programs import program

STARTS_WITHIN_S: Final = 60.0
UID: Final = 20_001
"""Of all its users, who share one home and sign in by their names only."""
MODULES: Final = "/usr/lib/proftpd"

CONFIG: Final = """
ModulePath {modules}
LoadModule mod_sql.c
LoadModule mod_sql_postgres.c
LoadModule mod_ctrls_admin.c
LoadModule mod_sftp.c
ServerName "{folder}"
ServerType standalone
DefaultAddress 127.0.0.1
Port {ftp}
SocketBindTight on
UseIPv6 off
UseReverseDNS off
PidFile {folder}/pid
ScoreboardFile {folder}/scoreboard
SystemLog {folder}/system.log
User {user}
Group {group}
MaxInstances 400
DelayEngine off
WtmpLog off
<IfModule mod_ctrls.c>
ControlsEngine on
ControlsInterval 1
ControlsLog {folder}/controls.log
ControlsSocket {folder}/controls
ControlsSocketACL allow user *
ControlsACLs all allow user root
</IfModule>
<IfModule mod_ctrls_admin.c>
AdminControlsEngine on
AdminControlsACLs all allow user root
</IfModule>
<Global>
AuthPAM off
AuthOrder mod_sql.c
RequireValidShell off
DefaultRoot ~
TimeoutIdle 600
MaxLoginAttempts 3
PassivePorts 20000 31999
SQLBackend postgres
SQLEngine on
SQLAuthenticate users
SQLAuthTypes Crypt
SQLConnectInfo {database}@{host}:{port} {database_user} {password} PERSESSION
SQLUserInfo {table} login passwd uid gid homedir shell
SQLUserWhereClause "disabled = 0"
SQLMinUserUID 100
SQLMinUserGID 100
SQLLogFile {folder}/sql.log
</Global>
<VirtualHost 127.0.0.1>
Port {sftp}
SFTPEngine on
SFTPLog {folder}/sftp.log
SFTPHostKey {folder}/host_key
SFTPAuthMethods password
</VirtualHost>
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where it listens, by what it is controlled, and what its table of users needs besides login and password."""

    ftp: int
    sftp: int
    host_key: str
    socket: Path
    scoreboard: Path
    columns: Mapping[str, Any]

    def signs_in(self, login: str, password: str) -> bool:
        """Return whether FTP lets somebody in."""
        try:
            with self.session(login, password):
                return True
        except ftplib.error_perm as error:
            if str(error).startswith("530"):
                return False
            raise

    def session(self, login: str, password: str) -> ftplib.FTP:
        """Return an open FTP session; raises `ftplib.error_perm` for who is not let in."""
        client = ftplib.FTP(timeout=30)  # noqa: S321 - this is what is tried
        try:
            client.connect("127.0.0.1", self.ftp)
            client.login(login, password)
        except BaseException:
            client.close()
            raise
        return client

    def sessions(self) -> dict[str, Any]:
        """Return the `sessions` of a system's settings, by the control socket of this machine."""
        return {
            "kind": "proftpd", "through": "local", "socket": str(self.socket), "scoreboard": str(self.scoreboard),
        }  # fmt: skip


@contextlib.contextmanager
def running(*, database: Mapping[str, Any], table: str) -> Iterator[Server]:
    """Start a server whose users stand in `table` of a PostgreSQL (host, port, dbname, user, password).

    The table has login, passwd, disabled (0: may sign in) and the columns of `Server.columns`.
    """
    server = program("proftpd", package="proftpd-core proftpd-mod-pgsql proftpd-mod-crypto")
    keygen = program("ssh-keygen", package="openssh-client")
    for module in ("mod_sql_postgres.so", "mod_sftp.so"):
        if not Path(MODULES, module).exists():
            pytest.skip(f"{module} is missing: apt-get install proftpd-mod-pgsql proftpd-mod-crypto")
    if os.geteuid() != 0:
        pytest.skip("ProFTPD changes to its users, which only root may do.")
    folder = Path(tempfile.mkdtemp(prefix="muster-ftp-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        home = folder / "home"
        home.mkdir(mode=0o755)
        os.chown(home, UID, UID)
        subprocess.run(
            [keygen, "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", str(folder / "host_key")], check=True
        )
        ftp, sftp = _two_ports()
        # Its sessions ask the database before anybody has signed in: as who may enter the folder of its socket.
        inside = Path(str(database["host"]))
        account = pwd.getpwuid(inside.stat().st_uid) if inside.is_absolute() else pwd.getpwnam("nobody")
        config = folder / "config"
        config.write_text(
            CONFIG.format(
                modules=MODULES,
                folder=folder,
                ftp=ftp,
                sftp=sftp,
                user=account.pw_name,
                group=_group(account.pw_gid),
                database=database["dbname"],
                host=database["host"],
                port=database["port"],
                database_user=database["user"],
                password=database["password"],
                table=table,
            )
        )
        with (folder / "log").open("wb") as log:
            child = spawn(
                [server, "--nodaemon", "--config", str(config)],
                env={"PATH": "/usr/sbin:/usr/bin:/bin"},
                cwd=folder,
                output=log,
            )
        try:
            found = Server(
                ftp=ftp,
                sftp=sftp,
                host_key=" ".join((folder / "host_key.pub").read_text().split()[:2]),
                socket=folder / "controls",
                scoreboard=folder / "scoreboard",
                columns={"uid": UID, "gid": UID, "homedir": str(home), "shell": "/bin/false"},
            )
            _wait(found, child, folder)
            yield found
        finally:
            end(child, first=signal.SIGTERM, patience_s=10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server, child: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        assert child.poll() is None, f"ProFTPD ended: {(folder / 'log').read_text(errors='replace')[-1_500:]}"
        try:
            for port in (server.ftp, server.sftp):
                socket.create_connection(("127.0.0.1", port), timeout=10).close()
            if server.socket.exists():
                return
        except OSError:
            time.sleep(0.1)
        assert time.monotonic() < until, (
            f"ProFTPD does not answer: {(folder / 'log').read_text(errors='replace')[-1_500:]}"
        )
        time.sleep(0.1)


def _two_ports() -> tuple[int, int]:
    first = free_port()
    second = free_port()
    while second == first:
        second = free_port()
    return first, second


def _group(number: int) -> str:
    return grp.getgrgid(number).gr_name
