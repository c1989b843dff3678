"""Two thousand customers of a real ProFTPD whose users stand in PostgreSQL: kept out, thrown out, let in again."""

from __future__ import annotations

import asyncio
import ftplib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any, Final

import asyncssh
import psycopg
import pytest

from eap.actions.base import Trouble
from resets.backends.base import Done, Selection
from resets.backends.sql import SqlUsers
from resets.backends.sql.mapping import SignIn
from resets.backends.sql.sign_ins import lets_in
from tests.resets.backends.contract import CUTOFF, FIRST, NEW, ready_hash, surroundings
from tests.resets.backends.sql.peers import PostgresPeer
from tests.resets.servers import proftpd

pytestmark = pytest.mark.integration

CUSTOMERS: Final = 2_000
SECRETS: Final = 20
"""Different passwords among them; hashing two thousand would be half of the test's time."""
LONG: Final = "customer-with-a-login-longer-than-the-scoreboard-keeps"
CHUNK: Final = 500
OTHER_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBN1BLeyXuHTHlTDYM2e3hGWVZHoWKZtp3kpbxVqQY8Z"


def login_of(number: int) -> str:
    return LONG if number == 0 else f"ftp{number:04d}"


def old_of(number: int) -> str:
    return f"stolen-{number % SECRETS}"


@pytest.fixture
def peer(accounts_database: psycopg.Connection[tuple[Any, ...]], ftp_server: proftpd.Server) -> PostgresPeer:
    """Two thousand customers, and `staff`, who is none."""
    peer = PostgresPeer(accounts_database)
    peer.mapping |= {"only": {"plan": "small"}}
    peer.more = {
        "sessions": ftp_server.sessions(),
        "sign_in": {"protocol": "ftp", "host": "127.0.0.1", "port": ftp_server.ftp},
        "probes": {login_of(1): "first", login_of(2): "second"},
    }
    peer.secrets |= {"first": old_of(1), "second": old_of(2)}
    hashes = [ready_hash(old_of(number)) for number in range(SECRETS)]
    columns = ", ".join(ftp_server.columns)
    rows = [(login_of(number), hashes[number % SECRETS], "small") for number in range(CUSTOMERS)]
    rows.append(("staff", hashes[0], "ours"))
    with accounts_database.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO ftp_users (login, passwd, plan, {columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
            [(*row, *ftp_server.columns.values()) for row in rows],
        )
    return peer


@pytest.fixture
def backend(peer: PostgresPeer) -> Iterator[SqlUsers]:
    with closing(peer.backend()) as backend:
        yield backend


@pytest.fixture
def sftp_clients(ftp_server: proftpd.Server) -> Iterator[SftpClients]:
    clients = SftpClients(ftp_server)
    yield clients
    clients.close()


class SftpClients:
    """Open SFTP sessions."""

    def __init__(self, server: proftpd.Server) -> None:
        self.server = server
        self.runner = asyncio.Runner()
        self.open: list[asyncssh.SSHClientConnection] = []

    def sign_in(self, login: str, password: str) -> None:
        """Open a session and look around in it; raises `asyncssh.PermissionDenied`."""
        self.runner.run(self._sign_in(login, password))

    async def _sign_in(self, login: str, password: str) -> None:
        server = self.server
        known = asyncssh.import_known_hosts(f"[127.0.0.1]:{server.sftp} {server.host_key}\n")
        connection = await asyncssh.connect(
            "127.0.0.1", server.sftp, username=login, password=password, known_hosts=known, client_keys=None,
            agent_path=None, config=None, preferred_auth="password", login_timeout=60,
        )  # fmt: skip
        self.open.append(connection)
        sftp = await connection.start_sftp_client()
        assert "." in await sftp.listdir(".")

    def all_end(self) -> None:
        """Wait until the server has ended every session."""

        async def go() -> None:
            async with asyncio.timeout(60):
                for connection in self.open:
                    await connection.wait_closed()

        self.runner.run(go())

    def close(self) -> None:
        """Close what is open."""

        async def go() -> None:
            for connection in self.open:
                connection.abort()
                await connection.wait_closed()

        self.runner.run(go())
        self.runner.close()


def in_chunks(logins: Sequence[str]) -> Iterator[Sequence[str]]:
    return (logins[start : start + CHUNK] for start in range(0, len(logins), CHUNK))


def is_over(session: ftplib.FTP) -> bool:
    """Return whether the server has ended a session."""
    try:
        session.pwd()
    except (EOFError, OSError, ftplib.error_temp):
        return True
    return False


def test_two_thousand_customers_are_reset_for_real(
    backend: SqlUsers, ftp_server: proftpd.Server, sftp_clients: SftpClients
) -> None:
    logins = [each.login for each in backend.find(Selection(set_before=CUTOFF))]
    assert sorted(logins) == sorted(login_of(number) for number in range(CUSTOMERS))
    assert all(probe.granted for probe in backend.probe()), backend.probe()

    with ExitStack() as stack:
        sessions = [
            stack.enter_context(closing(ftp_server.session(login_of(number), old_of(number)))) for number in range(6)
        ]
        staff = stack.enter_context(closing(ftp_server.session("staff", old_of(0))))
        for number in (6, 7):
            sftp_clients.sign_in(login_of(number), old_of(number))

        # Before: the old passwords are good, and the proof says so.
        before = backend.verify("", [login_of(1)], guard=FIRST)
        assert {each.what: each.holds for each in before} == {
            "state_effective": False, "old_refused": False, "session_gone": False,
        }  # fmt: skip

        assert [backend.disable("", chunk, guard=FIRST) for chunk in in_chunks(logins)] == [Done(applied=CHUNK)] * 4
        for number in (1, 2, 900, 1_999):
            assert not ftp_server.signs_in(login_of(number), old_of(number))
        # Neither a flag nor a lock ends what is open.
        assert [backend.lock("", chunk, guard=FIRST) for chunk in in_chunks(logins)] == [Done(applied=CHUNK)] * 4
        assert not any(is_over(session) for session in sessions)

        assert [backend.revoke("", chunk, guard=FIRST) for chunk in in_chunks(logins)] == [Done(applied=CHUNK)] * 4
        assert all(is_over(session) for session in sessions)
        sftp_clients.all_end()
        assert not is_over(staff)

    # An owner comes back; the others are let in again, but have no password that fits.
    backend.set_password("", login_of(3), NEW, guard=FIRST)
    assert ftp_server.signs_in(login_of(3), NEW)
    sftp_clients.sign_in(login_of(3), NEW)
    done = [backend.enable("", chunk, guard=FIRST) for chunk in in_chunks(logins)]
    assert (sum(each.applied for each in done), sum(each.unchanged for each in done)) == (CUSTOMERS - 1, 1)
    for number in (0, 1, 3, 1_500):
        assert not ftp_server.signs_in(login_of(number), old_of(number))
    with pytest.raises(asyncssh.PermissionDenied):
        sftp_clients.sign_in(login_of(8), old_of(8))

    # The proof: of all as they read back, of our own by signing in.
    checks = backend.verify("", logins, guard=FIRST)
    assert {(each.what, each.holds) for each in checks if each.login != login_of(3)} == {
        ("state_effective", True), ("session_gone", True), ("old_refused", True),
    }  # fmt: skip
    assert sorted(each.login for each in checks if each.what == "old_refused") == [login_of(1), login_of(2)]

    # Whatever comes again changes nothing.
    for operation in (backend.disable, backend.lock, backend.revoke, backend.enable):
        again = [operation("", chunk, guard=FIRST) for chunk in in_chunks(logins)]
        assert sum(each.applied for each in again) == 0
        assert [each.applied + each.unchanged + len(each.skipped) + len(each.misses) for each in again] == [CHUNK] * 4
    assert ftp_server.signs_in(login_of(3), NEW)


def sftp_to(server: proftpd.Server, *, host_key: str) -> SignIn:
    return SignIn(protocol="sftp", host="127.0.0.1", port=server.sftp, host_key=host_key)


def test_a_ready_hash_lets_in_by_ftp_and_sftp(backend: SqlUsers, ftp_server: proftpd.Server) -> None:
    backend.rotate("", [(login_of(1), ready_hash(NEW))], guard=FIRST)
    way = sftp_to(ftp_server, host_key=ftp_server.host_key)
    assert ftp_server.signs_in(login_of(1), NEW)
    assert lets_in(way, "", login_of(1), NEW, surroundings())
    assert not lets_in(way, "", login_of(1), old_of(1), surroundings())
    assert lets_in(way, "", login_of(2), old_of(2), surroundings())


@pytest.mark.parametrize("host_key", [OTHER_KEY, ""])
def test_without_the_server_s_own_host_key_there_is_no_answer(
    backend: SqlUsers, ftp_server: proftpd.Server, host_key: str
) -> None:
    with pytest.raises(Trouble):
        lets_in(sftp_to(ftp_server, host_key=host_key), "", login_of(1), old_of(1), surroundings())


def test_nobody_is_noted_as_revoked_whose_session_can_not_be_ended(
    peer: PostgresPeer, ftp_server: proftpd.Server
) -> None:
    peer.more["sessions"] = {**ftp_server.sessions(), "socket": "/nonexistent/socket"}
    with closing(peer.backend()) as backend, closing(ftp_server.session(login_of(1), old_of(1))) as session:
        with pytest.raises(Trouble, match="ftpdctl failed"):
            backend.revoke("", [login_of(1), login_of(2)], guard=FIRST)
        assert not is_over(session)
        assert peer.one("cred_gen", login_of(1)) is None
        # Nobody to be ended: nobody needs to be asked to.
        assert backend.revoke("", [login_of(2)], guard=FIRST) == Done(applied=1)
