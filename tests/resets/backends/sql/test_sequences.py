"""Any order of calls, from any reset: figures add up, doing it again changes nothing, three databases agree."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from psycopg import Connection

from eap.actions.base import Trouble
from resets.backends.base import Done, Guard
from resets.backends.sql import SqlUsers, passwords
from tests.resets.backends.contract import AFTER, BEFORE, CUTOFF, NEW
from tests.resets.backends.sql.peers import MariaPeer, PostgresPeer, SqlitePeer, SqlPeer

LOGINS: Final = ("ada", "bob", "cyd", "dan")
"""Bob was kept out before; cyd chose a new password after the cutoff; dan is not there."""
NEW_HASH: Final = "$6$abcdefgh$new"
OPERATIONS: Final = ("disable", "lock", "rotate", "revoke", "enable", "own")
calls = st.tuples(
    st.sampled_from(OPERATIONS),
    st.integers(1, 3),
    st.lists(st.sampled_from(LOGINS), min_size=1, max_size=4, unique=True),
)


def fill(peer: SqlPeer) -> None:
    peer.run("DELETE FROM ftp_users")
    for login, kept_out, set_at in (("ada", 0, BEFORE), ("bob", 1, BEFORE), ("cyd", 0, AFTER + timedelta(days=1))):
        peer.run(
            "INSERT INTO ftp_users (login, passwd, disabled, set_at) VALUES (?, ?, ?, ?)",
            login, f"old {login}", kept_out, peer.written(set_at),
        )  # fmt: skip


def call(backend: SqlUsers, name: str, generation: int, logins: list[str]) -> Done:
    guard = Guard(generation=generation, cutoff=CUTOFF)
    if name == "rotate":
        return backend.rotate("", [(login, NEW_HASH) for login in logins], guard=guard)
    done: Done = getattr(backend, name)("", logins, guard=guard)
    return done


def own(backend: SqlUsers, generation: int) -> str:
    """Let an owner choose a password; return what he reads when that is refused."""
    try:
        backend.set_password("", "ada", NEW, guard=Guard(generation=generation, cutoff=CUTOFF))
    except Trouble as trouble:
        return trouble.sentence
    return ""


def standing(peer: SqlPeer) -> list[tuple[Any, ...]]:
    """Return the rows, with the random parts of markers and hashes left out."""
    rows = peer.run("SELECT login, passwd, disabled, cred_gen FROM ftp_users ORDER BY login")
    return [(login, str(value)[:7] if str(value)[:1] in "!$" else value, *rest) for login, value, *rest in rows]


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(calls, min_size=1, max_size=8))
def test_every_order_of_calls_keeps_the_promises(
    accounts_database: Connection[tuple[Any, ...]],
    maria: MariaPeer,
    sqlite: SqlitePeer,
    plan: list[tuple[str, int, list[str]]],
) -> None:
    peers: list[SqlPeer] = [PostgresPeer(accounts_database), maria, sqlite]
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        # A password chosen by its owner is hashed long; here it would be most of the time.
        patch.setitem(passwords._SETTINGS, "sha512_crypt", (b"$6$", 1_000))
        backends = [stack.enter_context(closing(peer.backend())) for peer in peers]
        for peer in peers:
            fill(peer)
        for name, generation, logins in plan:
            if name == "own":
                assert len({own(backend, generation) for backend in backends}) == 1
                continue
            done = [call(backend, name, generation, logins) for backend in backends]
            assert done[0] == done[1] == done[2]
            assert done[0].applied + done[0].unchanged + len(done[0].skipped) + len(done[0].misses) == len(logins)
            before = [standing(peer) for peer in peers]
            assert before[0] == before[1] == before[2]
            again = [call(backend, name, generation, logins) for backend in backends]
            assert [each.applied for each in again] == [0, 0, 0]
            assert [standing(peer) for peer in peers] == before
            rows = {row[0]: row for row in before[0]}
            assert rows["bob"][2] == 1, "who was kept out before stays out"
            assert rows["cyd"][1] == "old cyd", "what an owner chose after the cutoff stays"
