"""Whatever a mapping names and whatever a login holds, a statement says what was meant and nothing else."""

from __future__ import annotations

from contextlib import closing
from typing import Final

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from resets.backends.base import Done, Selection
from resets.backends.sql import passwords
from resets.backends.sql.databases import connected
from resets.backends.sql.databases.postgresql import _array
from resets.backends.sql.mapping import Column, SqlSettings, Table
from tests.builders import NOW
from tests.resets.backends.contract import FIRST, surroundings
from tests.resets.backends.sql.peers import SqlPeer

AGAIN: Final = hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HOSTILE: Final = (
    "x' OR '1'='1", 'x" OR "1"="1', "x`; DROP TABLE ftp_users; --", "%s", "%(on)s", "%", ":on", "?", "\\", "x\\' OR 1",
    "a,b", "[1]", "{ada}", "-- ", "/* */", "NULL", "ada@example.com", "müller", "李雷", "👩\u200d💻", "a b", "\x01",
)  # fmt: skip


@given(name=st.text())
@example(name="users; DROP TABLE users")
@example(name='users"')
@example(name="users\n")
@example(name="users`")
@example(name="a.b")
@example(name="")
@example(name="1st")
@example(name="ÿ")
def test_a_column_is_letters_digits_and_underscores(name: str) -> None:
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name[:1].isdigit() and len(name) <= 63
    if plain:
        assert TypeAdapter(Column).validate_python(name) == name
    else:
        with pytest.raises(ValidationError):
            TypeAdapter(Column).validate_python(name)


@given(name=st.text())
@example(name="a.b.c")
@example(name=".a")
@example(name="a.")
@example(name="public.users\n")
def test_a_table_may_name_its_schema(name: str) -> None:
    parts = name.split(".")
    try:
        columns = [TypeAdapter(Column).validate_python(part) for part in parts]
    except ValidationError:
        columns = []
    if columns and len(parts) <= 2:
        assert TypeAdapter(Table).validate_python(name) == name
    else:
        with pytest.raises(ValidationError):
            TypeAdapter(Table).validate_python(name)


@pytest.mark.parametrize(
    "users",
    [
        {"table": "users; --"},
        {"login": "login) OR (1=1"},
        {"disabled": {"column": "a b"}},
        {"only": {'x" = "x': 1}},
        {"tabel": "users"},
        {"cred_gen": ""},
    ],
)
def test_settings_with_a_name_that_is_none_are_refused(users: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SqlSettings.model_validate({"database": {"engine": "sqlite", "file": "a.db"}, "users": users})


def test_the_quotes_hold_whatever_is_between_them(system: SqlPeer) -> None:
    """The mapping lets no such name through; the quotes would hold all the same."""
    given_settings = system.settings()
    with closing(connected(given_settings, surroundings(secrets={"db": "", **system.secrets}))) as database:

        @AGAIN
        @given(
            name=st.text(
                st.characters(max_codepoint=0x2FF, categories=["L", "N", "P", "S"], exclude_characters=".%"),
                min_size=1,
                max_size=12,
                # SQLite takes these two for values in a table that is a query, whatever the quotes.
            ).filter(lambda name: name.upper() not in ("TRUE", "FALSE"))
        )
        @example(name='a"b')
        @example(name="a`b")
        @example(name='"; DROP TABLE ftp_users; --')
        def quotes_hold(name: str) -> None:
            column = database.quoted(name)
            rows = database.rows(f"SELECT {column} FROM (SELECT 7 AS {column}) AS t", {})  # noqa: S608
            assert [tuple(row) for row in rows] == [(7,)]

        quotes_hold()


def test_a_login_is_never_read_as_a_statement(system: SqlPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each login alone, with all the others beside it as bystanders."""
    monkeypatch.setitem(passwords._SETTINGS, "sha512_crypt", (b"$6$", 1_000))
    for each in HOSTILE:
        system.run("INSERT INTO ftp_users (login, passwd) VALUES (?, ?)", each, f"old {each}")
    untouched = {each: (f"old {each}", 0, None) for each in HOSTILE}
    with closing(system.backend()) as backend:
        for login in HOSTILE:
            for operation in (backend.disable, backend.lock, backend.revoke, backend.enable):
                assert operation("", [login], guard=FIRST) == Done(applied=1), (login, operation)
            assert backend.read_hashes("", [login])[0][0] == login
            assert [check.holds for check in backend.verify("", [login], guard=FIRST)] == [True]
            backend.set_password("", login, "Kettle-Harbour-93-lamp", guard=FIRST)
            del untouched[login]
            rows = system.run("SELECT login, passwd, disabled, cred_gen FROM ftp_users")
            assert {row[0]: row[1:] for row in rows if row[3] is None} == untouched


def test_any_login_and_any_hash_go_through_as_they_are(system: SqlPeer) -> None:
    texts = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=20)
    with closing(system.backend()) as backend:

        @AGAIN
        @given(login=texts, value=texts)
        @example(login="a\\", value="\\'")
        def go_through(login: str, value: str) -> None:
            # Collations fold case and drop trailing blanks: each alone, so that no two are the same to a database.
            system.run("DELETE FROM ftp_users")
            system.run("INSERT INTO ftp_users (login, passwd) VALUES (?, ?)", login, "old")
            assert backend.rotate("", [(login, value)], guard=FIRST) == Done(applied=1)
            assert system.run("SELECT passwd FROM ftp_users") == [(value,)]

        go_through()


def test_an_account_on_no_host_is_no_account_that_is_gone(system: SqlPeer) -> None:
    """A column of hosts that allows NULL finds such an account; each operation has to find it again."""
    system.mapping = {**system.mapping, "shard": "customer"}
    system.run("INSERT INTO ftp_users (login, passwd, customer) VALUES (?, ?, NULL)", "nowhere", "old")
    system.run("INSERT INTO ftp_users (login, passwd, customer) VALUES (?, ?, ?)", "web1", "old", "host1")
    with closing(system.backend()) as backend:
        found = {each.login: each.shard for each in backend.find(Selection(set_before=NOW))}
        assert found == {"nowhere": "", "web1": "host1"}
        for login, shard in found.items():
            for operation in (backend.disable, backend.lock, backend.revoke):
                assert operation(shard, [login], guard=FIRST) == Done(applied=1), (login, operation)
        assert backend.lock("", ["web1"], guard=FIRST).skipped == ("web1",), "it is on another host"


def test_a_hash_of_mysql_is_no_marker(system: SqlPeer) -> None:
    hashes = {"mysql": "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "star": "*", "locked": "!x", "none": None}
    for login, value in hashes.items():
        system.run("INSERT INTO ftp_users (login, passwd) VALUES (?, ?)", login, value)
    with closing(system.backend()) as backend:
        holds = {check.login: check.holds for check in backend.verify("", list(hashes), guard=FIRST)}
    assert holds == {"mysql": False, "star": True, "locked": True, "none": True}


@pytest.mark.django_db
@AGAIN
@given(values=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
@example(values=[])
@example(values=[""])
@example(values=["", ""])
@example(values=['"', "a"])
@example(values=['","'])
@example(values=["\\", "b"])
@example(values=["NULL", "{a,b}", " a ", "a,b", "\n"])
def test_an_array_written_in_one_go_holds_what_was_given(values: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [_array(values)])
        assert cursor.fetchone() == (values,)
