"""What shows that the work held: real sign-ins with passwords that must be refused, and how the accounts stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from eap.actions.base import Trouble
from resets.backends.base import Check, Guard, Surroundings
from resets.backends.sql import marks, sessions, sign_ins
from resets.backends.sql.mapping import SignIn, SqlSettings
from resets.backends.sql.statements import Statements

_OF_MYSQL: Final = re.compile(r"[*][0-9A-Fa-f]{40}")
"""A hash of MySQL's PASSWORD(), which ProFTPD and others read: it begins like a marker and lets in all the same."""


def checks(
    say: Statements, given: SqlSettings, around: Surroundings, shard: str, logins: Sequence[str], guard: Guard
) -> list[Check]:
    """Return the checks of these accounts: old passwords tried where we know them, states read, sessions asked for."""
    if not logins:
        return []
    users = say.users
    flag = users.disabled.column if users.disabled else None
    where, asked = say.among(shard, logins)
    rows = say.database.rows(say.select([users.login, users.hash, flag, users.cred_gen, users.set_at], where), asked)
    standing = {str(row[0]): row[1:] for row in rows}
    online = _online(given, shard, around)
    found: list[Check] = []
    for login in logins:
        if around.stopped():
            break
        found.append(_state(say, login, standing.get(login), guard))
        if given.sign_in is not None and login in given.probes:
            found.append(_tried(given.sign_in, given.probes[login], around, shard, login))
        if online is not None:
            found.append(_session(login, online))
    return found


def _state(say: Statements, login: str, row: Sequence[Any] | None, guard: Guard) -> Check:
    if row is None:
        return Check(login, "state_effective", holds=True, sentence="The account is gone.")
    value, flag, number, set_at = row
    users = say.users
    moment = say.database.read_moment(set_at)
    marked = marks.marks_of(int(number or 0), guard) if users.cred_gen else 0
    reasons = (
        (marked & marks.OWNED != 0, "Its owner has chosen a new password."),
        (moment is not None and moment > guard.cutoff, "Its password was set after the cutoff."),
        (_fits_nothing(str(value or "")), "As read back: a marker that fits no password."),
        (marked & marks.ROTATED != 0, "As read back: the hash that this reset put there."),
        (users.disabled is not None and flag != users.disabled.off, "As read back: kept out by its flag."),
    )
    for holds, sentence in reasons:
        if holds:
            return Check(login, "state_effective", holds=True, sentence=sentence)
    return Check(login, "state_effective", holds=False, sentence="As read back: it may sign in with its old password.")


def _fits_nothing(value: str) -> bool:
    return not value or (value.startswith(("!", "*")) and not _OF_MYSQL.fullmatch(value))


def _tried(way: SignIn, secret: str, around: Surroundings, shard: str, login: str) -> Check:
    try:
        let_in = sign_ins.lets_in(way, shard, login, around.secret(secret), around)
    except Trouble as trouble:
        return Check(login, "old_refused", holds=None, sentence=f"Could not be tried: {trouble.sentence}")
    sentence = f"{way.protocol.upper()} sign-in with the old password {'was let in' if let_in else 'was refused'}."
    return Check(login, "old_refused", holds=not let_in, sentence=sentence)


def _online(given: SqlSettings, shard: str, around: Surroundings) -> set[str] | str | None:
    """Return who has a session open, why nobody knows, or None where nothing tells."""
    if given.sessions is None:
        return None
    try:
        return sessions.online(given.sessions, shard, around)
    except Trouble as trouble:
        return trouble.sentence


def _session(login: str, online: set[str] | str) -> Check:
    if isinstance(online, str):
        return Check(login, "session_gone", holds=None, sentence=f"Could not be asked: {online}")
    there = sessions.shown(login) in online
    sentence = "It has a session open." if there else "No session of it is open."
    return Check(login, "session_gone", holds=not there, sentence=sentence)
