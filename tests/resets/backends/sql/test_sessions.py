"""Sessions on other hosts: asked for and ended over SSH, on a real sshd beside a real ProFTPD."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eap.actions.base import Trouble
from eap.models import Inventory, InventoryHost
from resets.backends.base import Done, Surroundings
from resets.backends.sql import sessions
from resets.backends.sql.mapping import Sessions
from tests.eap.actions import sshd
from tests.resets.backends.contract import FIRST, OLD, ready_hash, surroundings
from tests.resets.backends.sql.peers import PostgresPeer
from tests.resets.servers import proftpd

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture(scope="module")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Server]:
    with sshd.running(Path(tmp_path_factory.mktemp("sshd"))) as server:
        yield server


@pytest.fixture
def over_ssh(ftp_server: proftpd.Server, ssh_server: sshd.Server) -> Sessions:
    """The settings; the inventory knows the host as `web1`."""
    InventoryHost.objects.create(
        inventory=Inventory.objects.create(name="harbor"),
        name="web1",
        address="127.0.0.1",
        variables={"port": str(ssh_server.port), "host_key": ssh_server.host_key},
    )
    return Sessions.model_validate(
        {
            **ftp_server.sessions(),
            "through": "ssh",
            "user": ssh_server.user,
            "key": "door",
        }
    )


@pytest.fixture
def around(ssh_server: sshd.Server) -> Surroundings:
    return surroundings(secrets={"door": ssh_server.key})


@pytest.fixture
def peer(accounts_database: psycopg.Connection[tuple[Any, ...]], ftp_server: proftpd.Server) -> PostgresPeer:
    peer = PostgresPeer(accounts_database)
    names = ", ".join(ftp_server.columns)
    for login in ("ada", "bob"):
        peer.run(
            f"INSERT INTO ftp_users (login, passwd, shard, {names}) VALUES (?, ?, 'web1', ?, ?, ?, ?)",  # noqa: S608
            login, ready_hash(OLD), *ftp_server.columns.values(),
        )  # fmt: skip
    return peer


def test_sessions_of_a_shard_are_ended_on_its_host(
    over_ssh: Sessions, around: Surroundings, peer: PostgresPeer, ftp_server: proftpd.Server, ssh_server: sshd.Server
) -> None:
    peer.mapping |= {"shard": "shard"}
    peer.more = {"sessions": over_ssh.model_dump()}
    peer.secrets |= {"door": ssh_server.key}
    with (
        closing(peer.backend()) as backend,
        closing(ftp_server.session("ada", OLD)) as ada,
        closing(ftp_server.session("bob", OLD)) as bob,
    ):
        assert sessions.online(over_ssh, "web1", around) == {"ada", "bob"}
        assert backend.revoke("web1", ["ada"], guard=FIRST) == Done(applied=1)
        assert bob.pwd() == "/"
        with pytest.raises((EOFError, OSError)):
            ada.pwd()
        checks = {each.login: each.holds for each in backend.verify("web1", ["ada", "bob"], guard=FIRST)
                  if each.what == "session_gone"}  # fmt: skip
        assert checks == {"ada": True, "bob": False}


def test_a_system_without_shards_names_its_hosts(
    over_ssh: Sessions, around: Surroundings, peer: PostgresPeer, ftp_server: proftpd.Server
) -> None:
    with pytest.raises(Trouble, match="Name the hosts"):
        sessions.online(over_ssh, "", around)
    named = over_ssh.model_copy(update={"hosts": ("web1",)})
    with closing(ftp_server.session("ada", OLD)):
        assert "ada" in sessions.online(named, "", around)
        assert sessions.end_sessions(named, "", ["ada", "bob"], around) == set()
        assert "ada" not in sessions.online(named, "", around)


def test_a_host_nobody_knows_or_reaches_is_said(over_ssh: Sessions, around: Surroundings) -> None:
    with pytest.raises(Trouble, match="No inventory has the host web9"):
        sessions.online(over_ssh, "web9", around)
    InventoryHost.objects.update(variables={"port": "1"})
    with pytest.raises(Trouble) as away:
        sessions.online(over_ssh, "web1", around)
    assert away.value.passing


def test_what_the_host_can_not_do_is_said(over_ssh: Sessions, around: Surroundings, ftp_server: proftpd.Server) -> None:
    elsewhere = over_ssh.model_copy(update={"scoreboard": str(ftp_server.scoreboard) + ".missing"})
    with pytest.raises(Trouble, match="ftpwho failed on web1"):
        sessions.online(elsewhere, "web1", around)
    with pytest.raises(Trouble, match="Name the secret"):
        sessions.online(over_ssh.model_copy(update={"key": None}), "web1", around)
