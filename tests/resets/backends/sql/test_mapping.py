"""What a mapping makes of tables as hosting companies have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from eap.actions.base import Stopped, Trouble
from resets.backends.base import Done, Guard, Miss, Selection
from resets.backends.sql import SqlUsers
from resets.backends.sql.marks import BARRED, ENABLED, OWN, OWNED, ROOM, Operation, Standing, why_left
from tests.resets.backends.contract import AFTER, BEFORE, CUTOFF, FIRST, NEW, NEXT, OLD, surroundings
from tests.resets.backends.sql.peers import MariaPeer, PostgresPeer, SqlitePeer, SqlPeer


@pytest.fixture
def backend(system: SqlPeer) -> Iterator[SqlUsers]:
    with closing(system.backend()) as backend:
        yield backend


def test_find_tells_all_that_is_mapped(system: SqlPeer, backend: SqlUsers) -> None:
    moved = BEFORE + timedelta(days=2)
    system.add("ada")
    system.run(
        "UPDATE ftp_users SET email = ?, email_changed_at = ?, language = ?, customer = ?",
        "ada@example.com", system.written(moved), "de", "4711",
    )  # fmt: skip
    [found] = backend.find(Selection(set_before=CUTOFF))
    assert (found.login, found.shard, found.email, found.language, found.customer) == (
        "ada", "", "ada@example.com", "de", "4711",
    )  # fmt: skip
    assert (found.set_at, found.email_changed_at) == (BEFORE, moved)


def test_whose_moment_nobody_knows_is_in_scope(system: SqlPeer, backend: SqlUsers) -> None:
    system.add("ada")
    system.run("UPDATE ftp_users SET set_at = NULL")
    assert [each.set_at for each in backend.find(Selection(set_before=CUTOFF))] == [None]
    assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=1)


def test_scope_is_narrowed_by_group_plan_and_host(system: SqlPeer) -> None:
    system.mapping |= {"shard": "shard"}
    for login, shard, group, plan in (
        ("ada", "web1", "resellers", "small"),
        ("bob", "web2", "resellers", "large"),
        ("cyd", "web2", "web", "large"),
    ):
        system.add(login)
        system.run(
            "UPDATE ftp_users SET shard = ?, customer_group = ?, plan = ? WHERE login = ?", shard, group, plan, login
        )
    with closing(system.backend()) as backend:
        for narrowed, expected in (
            ({"hosts": ("web2",)}, ["bob", "cyd"]),
            ({"groups": ("resellers", "staff")}, ["ada", "bob"]),
            ({"plans": ("large",), "groups": ("web",)}, ["cyd"]),
            ({"hosts": ("web1", "web2"), "logins": ("ada", "cyd")}, ["ada", "cyd"]),
        ):
            selection = Selection(set_before=CUTOFF, **narrowed)
            assert sorted(each.login for each in backend.find(selection)) == expected
        assert backend.count(Selection(set_before=CUTOFF)) == {"web1": 1, "web2": 2}


def test_a_login_of_another_host_is_another_account(system: SqlPeer) -> None:
    system.run("DROP TABLE ftp_users")
    system.run(
        f"CREATE TABLE ftp_users (login VARCHAR(20), passwd VARCHAR(128), disabled INTEGER, {system.gen}, "
        f"set_at {system.moment}, shard VARCHAR(20), PRIMARY KEY (shard, login))"
    )
    for shard in ("web1", "web2"):
        system.run("INSERT INTO ftp_users VALUES ('www', 'old', 0, NULL, NULL, ?)", shard)
    system.mapping = {
        "table": "ftp_users", "shard": "shard", "cred_gen": "cred_gen", "set_at": "set_at",
        "times": system.mapping.get("times", "timestamp"), "disabled": {"column": "disabled", "on": 1, "off": 0},
    }  # fmt: skip
    with closing(system.backend()) as backend:
        assert backend.disable("web2", ["www"], guard=FIRST) == Done(applied=1)
        assert backend.rotate("web2", [("www", "new")], guard=FIRST) == Done(applied=1)
        assert backend.lock("web3", ["www"], guard=FIRST) == Done(applied=0, skipped=("www",))
    rows = system.run("SELECT shard, passwd, disabled FROM ftp_users ORDER BY shard")
    assert rows == [("web1", "old", 0), ("web2", "new", 1)]


def test_other_rows_of_the_table_are_nobody_s(system: SqlPeer) -> None:
    system.mapping |= {"only": {"customer_group": "web", "uid": 2001}}
    for login in ("ada", "staff", "robot"):
        system.add(login)
    system.run("UPDATE ftp_users SET customer_group = 'staff' WHERE login = 'staff'")
    system.run("UPDATE ftp_users SET uid = 7 WHERE login = 'robot'")
    with closing(system.backend()) as backend:
        assert [each.login for each in backend.find(Selection(set_before=CUTOFF))] == ["ada"]
        done = backend.lock("", ["ada", "staff", "robot"], guard=FIRST)
        assert done == Done(applied=1, skipped=("staff", "robot"))
    assert system.signs_in("staff", OLD)


def test_a_suspension_by_word_stays_one_even_without_a_guard(system: SqlPeer) -> None:
    system.run("ALTER TABLE ftp_users ADD COLUMN status VARCHAR(12) DEFAULT 'active'")
    system.mapping |= {"cred_gen": None, "disabled": {"column": "status", "on": "reset", "off": "active"}}
    system.add("ada")
    system.add("bob")
    system.run("UPDATE ftp_users SET status = 'unpaid' WHERE login = 'bob'")
    with closing(system.backend()) as backend:
        assert backend.disable("", ["ada", "bob"], guard=FIRST) == Done(applied=1, unchanged=1)
        assert (system.one("status", "ada"), system.one("status", "bob")) == ("reset", "unpaid")
        assert backend.enable("", ["ada", "bob"], guard=FIRST) == Done(applied=1, unchanged=1)
        assert (system.one("status", "ada"), system.one("status", "bob")) == ("active", "unpaid")


def test_a_suspension_during_the_reset_is_not_lifted(system: SqlPeer) -> None:
    system.run("ALTER TABLE ftp_users ADD COLUMN status VARCHAR(12) DEFAULT 'active'")
    system.mapping |= {"disabled": {"column": "status", "on": "reset", "off": "active"}}
    system.add("ada")
    with closing(system.backend()) as backend:
        backend.disable("", ["ada"], guard=FIRST)
        system.run("UPDATE ftp_users SET status = 'abuse'")
        backend.enable("", ["ada"], guard=FIRST)
        assert system.one("status", "ada") == "abuse"
        backend.set_password("", "ada", NEW, guard=FIRST)
        assert system.one("status", "ada") == "abuse"


def test_without_a_guard_the_state_tells_what_was_done(system: SqlPeer) -> None:
    system.mapping |= {"cred_gen": None}
    system.add("ada")
    with closing(system.backend()) as backend:
        for operation in (backend.disable, backend.lock):
            assert operation("", ["ada"], guard=FIRST) == Done(applied=1)
            assert operation("", ["ada"], guard=FIRST) == Done(applied=0, unchanged=1)
        hashes = [("ada", "$6$abcdefgh$new")]
        assert backend.rotate("", hashes, guard=FIRST) == Done(applied=1)
        assert backend.rotate("", hashes, guard=FIRST) == Done(applied=0, unchanged=1)
        assert not next(probe for probe in backend.probe() if probe.name == "guard").granted
        system.add("bob")
        system.owner_sets("ada", "her own", at=AFTER)
        assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=0, skipped=("ada",))
        assert backend.enable("", ["ada", "bob"], guard=FIRST) == Done(applied=1, unchanged=1)
        assert system.signs_in("ada", "her own")


def test_who_an_older_reset_left_out_in_the_cold_comes_in_with_the_next(system: SqlPeer, backend: SqlUsers) -> None:
    """A reset that was aborted left ada disabled; that is no suspension by somebody else."""
    system.add("ada")
    backend.disable("", ["ada"], guard=FIRST)
    assert backend.disable("", ["ada"], guard=NEXT) == Done(applied=1)
    assert backend.enable("", ["ada"], guard=FIRST) == Done(applied=0, unchanged=1)
    assert not system.signs_in("ada", OLD)
    assert backend.enable("", ["ada"], guard=NEXT) == Done(applied=1)
    assert system.signs_in("ada", OLD)


def test_locking_what_was_missed_after_others_were_revoked(system: SqlPeer, backend: SqlUsers) -> None:
    """ "Retry these" may come after later operations; the account must not count as locked by them."""
    system.add("ada")
    backend.disable("", ["ada"], guard=FIRST)
    backend.revoke("", ["ada"], guard=FIRST)
    backend.enable("", ["ada"], guard=FIRST)
    assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=1)
    assert not system.signs_in("ada", OLD)


def test_disabling_what_was_missed_after_enable_says_so(system: SqlPeer, backend: SqlUsers) -> None:
    system.add("ada")
    assert backend.enable("", ["ada"], guard=FIRST) == Done(applied=0, unchanged=1)
    done = backend.disable("", ["ada"], guard=FIRST)
    assert [(miss.code, miss.passing) for miss in done.misses] == [("enabled_since", False)]
    assert system.signs_in("ada", OLD)


def test_what_an_owner_set_in_the_panel_while_kept_out_lets_in_again(system: SqlPeer, backend: SqlUsers) -> None:
    system.add("ada")
    backend.disable("", ["ada"], guard=FIRST)
    system.owner_sets("ada", "chosen in the panel", at=AFTER)
    assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=0, skipped=("ada",))
    assert backend.enable("", ["ada"], guard=FIRST) == Done(applied=1)
    assert system.signs_in("ada", "chosen in the panel")


def test_a_later_reset_bars_the_password_of_an_older_one(system: SqlPeer, backend: SqlUsers) -> None:
    system.add("ada")
    backend.lock("", ["ada"], guard=NEXT)
    with pytest.raises(Trouble, match="later reset"):
        backend.set_password("", "ada", NEW, guard=FIRST)
    assert not system.signs_in("ada", NEW)


def test_setting_a_password_notes_when(system: SqlPeer, backend: SqlUsers) -> None:
    system.add("ada")
    backend.set_password("", "ada", NEW, guard=FIRST)
    [found] = backend.find(Selection(set_before=datetime.now(UTC) + timedelta(hours=1)))
    assert found.set_at is not None
    assert abs(found.set_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert backend.count(Selection(set_before=CUTOFF)) in ({}, {"": 0})


def test_keys_are_deleted_or_marked(system: SqlPeer) -> None:
    system.run("CREATE TABLE IF NOT EXISTS ftp_tokens (account INTEGER, gone INTEGER NOT NULL DEFAULT 0)")
    system.run("DELETE FROM ftp_tokens")
    system.more = {
        "tokens": [
            {"table": "ftp_keys", "owner": "owner"},
            {"table": "ftp_tokens", "owner": "account", "to": "account_id",
             "revoked": {"column": "gone", "on": 2, "off": 0}},
        ]
    }  # fmt: skip
    for number, login in enumerate(("ada", "bob", "cyd")):
        system.add(login)
        system.run("UPDATE ftp_users SET account_id = ? WHERE login = ?", number, login)
        system.run("INSERT INTO ftp_keys (owner, name) VALUES (?, 'key')", login)
        system.run("INSERT INTO ftp_tokens (account) VALUES (?)", number)
    system.run("INSERT INTO ftp_tokens (account, gone) VALUES (0, 1)")
    system.owner_sets("bob", "since", at=AFTER)
    with closing(system.backend()) as backend:
        assert all(probe.granted for probe in backend.probe() if probe.name != "sessions"), backend.probe()
        assert backend.revoke("", ["ada", "bob"], guard=FIRST) == Done(applied=1, skipped=("bob",))
    assert system.run("SELECT owner FROM ftp_keys ORDER BY owner") == [("bob",), ("cyd",)]
    tokens = system.run("SELECT account, gone FROM ftp_tokens ORDER BY account, gone")
    assert tokens == [(0, 1), (0, 2), (1, 0), (2, 0)]


def test_no_column_that_keeps_out_is_said(system: SqlPeer) -> None:
    system.mapping |= {"disabled": None}
    system.add("ada")
    with closing(system.backend()) as backend:
        assert not next(probe for probe in backend.probe() if probe.name == "flag").granted
        with pytest.raises(Trouble, match="lock the passwords instead"):
            backend.disable("", ["ada"], guard=FIRST)
        assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=1)
        backend.set_password("", "ada", NEW, guard=FIRST)
    assert system.signs_in("ada", NEW)


def test_moments_that_set_themselves_keep_what_they_held(maria: MariaPeer) -> None:
    """MariaDB's ON UPDATE CURRENT_TIMESTAMP would make every account look as if its owner had just set it."""
    maria.run("ALTER TABLE ftp_users MODIFY set_at TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP")
    maria.add("ada")
    with closing(maria.backend()) as backend:
        for operation in (backend.disable, backend.lock, backend.revoke, backend.enable):
            assert operation("", ["ada"], guard=FIRST) == Done(applied=1)
            assert maria.one("set_at", "ada") == BEFORE.replace(tzinfo=None)
        assert backend.rotate("", [("ada", "$6$x$y")], guard=FIRST) == Done(applied=1)
    assert maria.one("set_at", "ada") == BEFORE.replace(tzinfo=None)


@pytest.mark.parametrize("collation", ["ascii_general_ci", "latin1_bin", "utf8mb4_bin", "utf8mb3_general_ci"])
def test_logins_in_any_collation_are_joined_by_their_index(maria: MariaPeer, collation: str) -> None:
    maria.run(f"ALTER TABLE ftp_users MODIFY login VARCHAR(64) COLLATE {collation} NOT NULL")
    maria.run("INSERT INTO ftp_users (login, passwd) SELECT CONCAT('c', seq), 'old' FROM seq_1_to_20000")
    logins = [f"c{number}" for number in range(1, 4_001)]
    with closing(maria.backend()) as backend:
        reads = read_rows(maria)
        assert backend.rotate("", [(login, f"hash of {login}") for login in logins], guard=FIRST) == Done(applied=4_000)
        assert backend.disable("", logins, guard=FIRST) == Done(applied=4_000)
        # Each row by its key, and not the table once for each login.
        assert read_rows(maria) - reads < 200_000
    assert maria.one("passwd", "c4000") == "hash of c4000"
    assert maria.one("passwd", "c4001") == "old"


def read_rows(maria: MariaPeer) -> int:
    return int(
        maria.run("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'ROWS_READ'")[0][0]
    )


@pytest.mark.parametrize("moment", ["TIMESTAMP", "TIMESTAMPTZ"])
def test_postgresql_knows_moments_with_and_without_a_zone(
    accounts_database: object, request: pytest.FixtureRequest, moment: str
) -> None:
    peer = PostgresPeer(request.getfixturevalue("accounts_database"))
    peer.run("SET TimeZone = 'UTC'")
    peer.run(f"ALTER TABLE ftp_users ALTER set_at TYPE {moment}")
    peer.run("ALTER TABLE ftp_users ALTER disabled DROP DEFAULT, ALTER disabled TYPE boolean USING disabled <> 0")
    peer.mapping |= {"disabled": {"column": "disabled"}}
    for login, set_at in (("ada", CUTOFF - timedelta(minutes=1)), ("bob", CUTOFF + timedelta(minutes=1))):
        peer.run("INSERT INTO ftp_users (login, passwd, set_at, disabled) VALUES (?, 'x', ?, false)", login, set_at)
    with closing(peer.backend()) as backend:
        assert backend.count(Selection(set_before=CUTOFF)) == {"": 1}
        assert backend.disable("", ["ada", "bob"], guard=FIRST) == Done(applied=1, skipped=("bob",))
        assert backend.enable("", ["ada", "bob"], guard=FIRST) == Done(applied=1, skipped=("bob",))


def test_sqlite_knows_moments_as_text(sqlite: SqlitePeer) -> None:
    sqlite.mapping |= {"times": "timestamp"}
    for login, text in (("ada", "2024-05-20 11:59:59"), ("bob", "2024-05-20 12:00:01"), ("cyd", "no moment")):
        sqlite.run("INSERT INTO ftp_users (login, passwd, set_at) VALUES (?, 'x', ?)", login, text)
    with closing(sqlite.backend()) as backend:
        assert backend.lock("", ["ada", "bob"], guard=FIRST) == Done(applied=1, skipped=("bob",))
        assert sorted(each.login for each in backend.find(Selection(set_before=CUTOFF))) == ["ada"]
        backend.set_password("", "cyd", NEW, guard=FIRST)
        assert backend.lock("", ["cyd"], guard=Guard(generation=9, cutoff=CUTOFF)) == Done(applied=0, skipped=("cyd",))


def test_gathering_stops_when_told(sqlite: SqlitePeer) -> None:
    sqlite.add("ada")
    with closing(SqlUsers(sqlite.settings(), surroundings(stopped=lambda: True))) as backend, pytest.raises(Stopped):
        list(backend.find(Selection(set_before=CUTOFF)))


@pytest.mark.parametrize("operation", OWN)
def test_whoever_is_left_alone_counts_in_one_way(operation: Operation) -> None:
    """An account that an operation finds nothing to do on is kept, skipped or a miss by its marks alone."""
    for marks in range(ROOM):
        if marks & OWNED and not marks & ENABLED:
            continue  # an owner's password always lets in
        why = why_left("ada", operation, Standing(FIRST.generation * ROOM + marks, set_since=False), FIRST)
        if marks & OWN[operation]:
            assert why == "kept", marks
        elif not marks & BARRED[operation]:
            # It had been due, so somebody changed it at that very moment.
            assert isinstance(why, Miss), marks
            assert why.passing, marks
        else:
            assert why == "skipped" or isinstance(why, Miss), marks
