"""What goes wrong with a database, and what is said of it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_django import Settings

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Busy, Done, Selection
from resets.backends.sql import SqlUsers
from resets.backends.sql.databases import mariadb as mariadb_module
from resets.backends.sql.databases import postgresql as postgresql_module
from resets.backends.sql.databases.sqlite import file_named
from supervisor.ports import free_port
from tests.resets.backends.contract import CUTOFF, FIRST, NEW, surroundings
from tests.resets.backends.sql.peers import MariaPeer, PostgresPeer, SqlitePeer, SqlPeer


@pytest.fixture
def postgres(accounts_database: psycopg.Connection[tuple[Any, ...]]) -> PostgresPeer:
    return PostgresPeer(accounts_database)


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_database_that_is_away_may_come_back(engine: str) -> None:
    where = {"engine": engine, "host": "127.0.0.1", "port": free_port(), "database": "a", "user": "b", "password": "db"}
    backend = SqlUsers(SqlUsers.settings.model_validate({"database": where}), surroundings(secrets={"db": "secret"}))
    with closing(backend), pytest.raises(Trouble) as away:
        backend.lock("", ["ada"], guard=FIRST)
    assert away.value.passing
    assert "secret" not in away.value.sentence
    assert [probe.granted for probe in backend.probe()] == [False]


def test_a_wrong_password_does_not_come_right_by_itself(postgres: PostgresPeer, maria: MariaPeer) -> None:
    for peer in (postgres, maria):
        peer.secrets = {"db": "not the right one"}
        with closing(peer.backend()) as backend, pytest.raises(Trouble) as refused:
            backend.lock("", ["ada"], guard=FIRST)
        assert not refused.value.passing
        assert "not the right one" not in refused.value.sentence


def test_the_dry_run_finds_missing_rights_and_changes_nothing(system: SqlPeer, maria: MariaPeer) -> None:
    system.add("ada")
    before = system.run("SELECT * FROM ftp_users")
    with closing(system.backend()) as backend:
        found = {probe.name: probe.granted for probe in backend.probe()}
    assert found.pop("sessions") is False
    assert all(found.values()), found
    system.mapping |= {"customer": "no_such_column", "plan": "nor_this"}
    with closing(system.backend()) as backend:
        assert [(probe.name, probe.granted) for probe in backend.probe()][1] == ("columns", False)
    system.mapping |= {"table": "no_such_table"}
    with closing(system.backend()) as backend:
        assert "no table no_such_table" in backend.probe()[1].sentence
    assert system.run("SELECT * FROM ftp_users") == before


def test_the_dry_run_finds_what_would_not_fit(system: SqlPeer) -> None:
    system.run("DROP TABLE ftp_users")
    system.run(
        f"CREATE TABLE ftp_users (login VARCHAR(20), passwd VARCHAR(34), disabled VARCHAR(5), set_at {system.moment}, "
        "cred_gen SMALLINT, place VARCHAR(20))"
    )
    system.run("INSERT INTO ftp_users (login, disabled) VALUES ('ada', 'off'), ('ada', 'off'), ('bob', 'on')")
    mapping = {"table": "ftp_users", "cred_gen": "cred_gen", "set_at": "set_at", "times": system.mapping.get("times")}
    system.mapping = {**mapping, "times": mapping["times"] or "timestamp",
                      "disabled": {"column": "disabled", "on": "reset", "off": "off"}}  # fmt: skip
    with closing(system.backend()) as backend:
        found = {probe.name: probe for probe in backend.probe()}
    assert not found["logins_once"].granted
    assert not found["guard"].granted
    assert found["hash_width"].granted is (system.database["engine"] == "sqlite")
    assert "1 accounts" in found["flag"].sentence


@contextmanager
def user_with(peer: SqlPeer, *grants: str) -> Iterator[SqlUsers]:
    """Make a user of the database with these rights and no others, and give the backend that signs in as it."""
    name = f"resets_{secrets.token_hex(4)}"
    if isinstance(peer, PostgresPeer):
        peer.run(f"CREATE ROLE {name} LOGIN PASSWORD 'of the user'")
        drop, grantee = [f"DROP OWNED BY {name}", f"DROP ROLE {name}"], name
    else:
        peer.run(f"CREATE USER {name}@localhost IDENTIFIED BY 'of the user'")
        drop, grantee = [f"DROP USER {name}@localhost"], f"{name}@localhost"
    for grant in grants:
        peer.run(f"GRANT {grant} TO {grantee}")
    given = {"database": {**peer.database, "user": name}, "users": peer.mapping, **peer.more}
    try:
        with closing(
            SqlUsers(SqlUsers.settings.model_validate(given), surroundings(secrets={"db": "of the user"}))
        ) as backend:
            yield backend
    finally:
        for statement in drop:
            peer.run(statement)


@pytest.mark.parametrize("system", ["postgresql", "mariadb"], indirect=True)
def test_a_right_that_is_not_granted_is_named(system: SqlPeer) -> None:
    with user_with(system, "SELECT ON ftp_users") as backend:
        found = {probe.name: probe.granted for probe in backend.probe()}
        assert (found["read"], found["write"]) == (True, False)
        with pytest.raises(Trouble, match="does not permit") as refused:
            backend.lock("", ["ada"], guard=FIRST)
        assert not refused.value.passing


@pytest.mark.parametrize("system", ["postgresql", "mariadb"], indirect=True)
def test_the_rights_that_are_described_are_enough(system: SqlPeer) -> None:
    system.more = {"tokens": [{"table": "ftp_keys", "owner": "owner"}]}
    system.add("ada")
    columns = "passwd, disabled, cred_gen, set_at"
    rights = ("SELECT ON ftp_users", f"UPDATE ({columns}) ON ftp_users", "SELECT, DELETE ON ftp_keys")
    with user_with(system, *rights) as backend:
        assert all(probe.granted for probe in backend.probe() if probe.name != "sessions"), backend.probe()
        for operation in (backend.disable, backend.lock, backend.revoke, backend.enable):
            assert operation("", ["ada"], guard=FIRST) == Done(applied=1)
        assert backend.rotate("", [("ada", "$6$x$y")], guard=FIRST) == Done(applied=1)
        backend.set_password("", "ada", NEW, guard=FIRST)
    assert system.signs_in("ada", NEW)


@contextmanager
def somebody_holds(peer: SqlPeer) -> Iterator[None]:
    """Keep ada's row locked."""
    peer.run("BEGIN" if not isinstance(peer, SqlitePeer) else "BEGIN IMMEDIATE")
    peer.run("UPDATE ftp_users SET language = 'fr' WHERE login = 'ada'")
    try:
        yield
    finally:
        peer.run("ROLLBACK")


def test_a_row_that_somebody_holds_means_later(
    system: SqlPeer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    for module in (postgresql_module, mariadb_module):
        monkeypatch.setattr(module, "LOCK_WAIT_S", 1)
    monkeypatch.setattr("resets.backends.sql.databases.sqlite.LOCK_WAIT_S", 1)
    system.add("ada")
    with closing(system.backend()) as backend:
        with somebody_holds(system), pytest.raises(Busy) as busy:
            backend.lock("", ["ada"], guard=FIRST)
        assert busy.value.passing
        assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=1)


def test_two_workers_with_the_same_chunk_count_each_account_once(system: SqlPeer) -> None:
    logins = [f"c{number:03d}" for number in range(300)]
    for login in logins:
        system.run("INSERT INTO ftp_users (login, passwd) VALUES (?, 'old')", login)
    start, results = threading.Barrier(2), list[Done]()

    def work() -> None:
        with closing(system.backend()) as backend:
            start.wait(30)
            results.append(backend.lock("", logins, guard=FIRST))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len(results) == 2
    assert sum(done.applied for done in results) == len(logins)
    assert sum(done.unchanged for done in results) == len(logins)
    assert all(not done.misses and not done.skipped for done in results)


def write_and_lose(backend: SqlUsers, postgres: PostgresPeer, *, then: str) -> None:
    """Change a row, lose the connection, and go on with a statement, or to the commit."""
    with backend.database.transaction():
        backend.database.execute("UPDATE ftp_users SET language = 'xx'", {})
        [(pid,)] = backend.database.rows("SELECT pg_backend_pid()", {})
        assert postgres.run("SELECT pg_terminate_backend(?, 20000)", pid) == [(True,)]
        if then:
            backend.database.execute(then, {})


def test_a_connection_that_is_ended_during_a_chunk_leaves_nothing_half_done(postgres: PostgresPeer) -> None:
    postgres.add("ada")
    with closing(postgres.backend()) as backend, pytest.raises(Trouble) as lost:
        write_and_lose(backend, postgres, then="UPDATE ftp_users SET language = 'yy'")
    assert lost.value.passing
    assert not isinstance(lost.value, Unknown)
    assert postgres.one("language", "ada") == "en"


def test_a_connection_that_is_lost_at_the_commit_leaves_it_unknown(postgres: PostgresPeer) -> None:
    with closing(postgres.backend()) as backend, pytest.raises(Unknown):
        write_and_lose(backend, postgres, then="")


@pytest.mark.parametrize("system", ["postgresql", "mariadb"], indirect=True)
def test_a_connection_that_is_lost_during_a_write_of_its_own_leaves_it_unknown(
    system: SqlPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (postgresql_module, mariadb_module):
        monkeypatch.setattr(module, "LOCK_WAIT_S", 60)
    system.add("ada")
    raised: list[Trouble] = []

    def write() -> None:
        with closing(system.backend()) as backend:
            try:
                backend.lock("", ["ada"], guard=FIRST)
            except Trouble as trouble:
                raised.append(trouble)

    worker = threading.Thread(target=write)
    with somebody_holds(system):
        worker.start()
        until = time.monotonic() + 60
        while not (waiting := who_waits(system)):
            assert time.monotonic() < until, "nobody came to wait for the row"
            time.sleep(0.05)
        end_connection(system, waiting)
        worker.join(60)
    assert [type(each) for each in raised] == [Unknown]
    with closing(system.backend()) as backend:
        assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=1)


def who_waits(system: SqlPeer) -> int:
    """Return the connection that waits for a row, 0 for none."""
    if isinstance(system, PostgresPeer):
        # Within a transaction pg_stat_activity shows what it showed first; the locks are looked at anew.
        rows = system.run(
            "SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
    else:
        rows = system.run("SELECT id FROM information_schema.processlist WHERE info LIKE 'UPDATE %passwd%'")
    return int(rows[0][0]) if rows else 0


def end_connection(system: SqlPeer, number: int) -> None:
    """End a connection from outside."""
    if isinstance(system, PostgresPeer):
        assert system.run("SELECT pg_terminate_backend(?)", number) == [(True,)]
    else:
        system.run(f"KILL CONNECTION {number}")


def test_a_statement_that_takes_too_long_means_later(postgres: PostgresPeer) -> None:
    around = replace(surroundings(secrets=postgres.secrets), timeout_s=1)
    with closing(SqlUsers(postgres.settings(), around)) as backend, pytest.raises(Busy):
        backend.database.rows("SELECT pg_sleep(30)", {})


def test_only_plain_files_of_the_one_folder_are_opened(tmp_path: Path, settings: Settings) -> None:
    settings.RESET_FILES_DIR = tmp_path / "accounts"
    (tmp_path / "accounts").mkdir()
    (tmp_path / "outside.db").write_bytes(b"")
    (tmp_path / "accounts" / "link.db").symlink_to(tmp_path / "outside.db")
    (tmp_path / "accounts" / "folder").mkdir()
    for name in ("link.db", "folder", "missing.db", "../outside.db"):
        with pytest.raises(Trouble, match="RESET_FILES_DIR"):
            file_named(name)
    for name in ("../outside.db", "/etc/passwd", "a/b", "", ".hidden"):
        with pytest.raises(ValueError, match="file"):
            SqlUsers.settings.model_validate({"database": {"engine": "sqlite", "file": name}})
    assert not (tmp_path / "accounts" / "missing.db").exists()


def test_a_file_that_is_no_database_is_said(tmp_path: Path, settings: Settings) -> None:
    settings.RESET_FILES_DIR = tmp_path
    (tmp_path / "accounts.db").write_text("this is no database, though its name says so" * 50)
    given = SqlUsers.settings.model_validate({"database": {"engine": "sqlite", "file": "accounts.db"}})
    with closing(SqlUsers(given, surroundings())) as backend, pytest.raises(Trouble, match="not a database"):
        backend.count(Selection(set_before=CUTOFF))
