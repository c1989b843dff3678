"""What each operation sets, and where."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from resets.backends.sql import marks
from resets.backends.sql.mapping import Flag
from resets.backends.sql.marks import Operation
from resets.backends.sql.statements import Statements, flag_of

LOCKED: Final = "!reset-"
"""Begins with "!", which no crypt fits; what follows is random, so that it is no password either where hashes are
compared as plain text. The stolen hash is gone with it: no later step could bring it back."""


@dataclass(frozen=True)
class Write:
    """Assignments by column, the condition beside that of being among the asked, and what both are given."""

    sets: Mapping[str, str]
    where: str
    given: Mapping[str, Any]


def disable(say: Statements) -> Write:
    """Set the flag of those that may sign in; note who was kept out before, so that `enable` won't let them in."""
    flag = flag_of(say.users)
    given = {"on": flag.on, "off": flag.off}
    if say.users.cred_gen is None:
        return Write({flag.column: "%(on)s"}, f"{say.flag('off')} AND {say.stale()}", given)
    # Kept out by an older reset and never let in again: that is ours to lift, like what we disable now.
    bits = marks.DISABLED | marks.SUSPENDED | marks.ENABLED
    ours = f"{say.flag('off')} OR ({say.flag('on')} AND ({say.number()} & {bits}) = {marks.DISABLED})"
    number = (
        f"CASE WHEN {ours} THEN {say.marked(marks.DISABLED)} ELSE {say.marked(marks.DISABLED | marks.SUSPENDED)} END"
    )
    # In this order: MariaDB reads in an assignment what those before it have set.
    sets = {say.users.cred_gen: number, flag.column: _turned(say, flag, "off", "on")}
    return Write(sets, f"{say.fresh('disable')} AND {say.stale()}", given)


def lock(say: Statements) -> Write:
    """Put a marker in the place of the hash."""
    users = say.users
    given = {"marker": LOCKED + secrets.token_urlsafe(24)}
    where = f"{say.fresh('lock')} AND {say.stale()}"
    if users.cred_gen is None:
        where += f" AND ({say.column(users.hash)} IS NULL OR {say.column(users.hash)} NOT LIKE %(locked)s)"
        given["locked"] = f"{LOCKED}%"
    return Write({users.hash: "%(marker)s", **say.mark("lock")}, where, given)


def rotate(say: Statements) -> Write:
    """Put the ready hash in the place of the old one; it comes in the pairs that the update is joined to."""
    users = say.users
    where = f"{say.fresh('rotate')} AND {say.stale()}"
    if users.cred_gen is None:
        where += f" AND ({say.column(users.hash)} IS NULL OR {say.column(users.hash)} <> asked.hash)"
    return Write({users.hash: "asked.hash", **say.mark("rotate")}, where, {})


def revoke(say: Statements) -> Write | None:
    """Note that sessions and tokens are gone; None where nothing can be noted."""
    if say.users.cred_gen is None:
        return None
    return Write(say.mark("revoke"), f"{say.fresh('revoke')} AND {say.stale()}", {})


def enable(say: Statements) -> Write:
    """Take the flag back where this reset had set it and nobody else was keeping the account out."""
    flag = flag_of(say.users)
    given = {"on": flag.on, "off": flag.off}
    return Write({**say.mark("enable"), flag.column: _turned(say, flag, "on", "off")}, say.liftable(), given)


def pass_by(say: Statements) -> Write | None:
    """Note on those that there was nothing to lift for that `enable` came by."""
    if say.users.cred_gen is None:
        return None
    return Write(say.mark("enable"), say.fresh("enable"), {})


def own(say: Statements, new_hash: str) -> Write:
    """Put the hash of the password its owner chose, and let the account in unless somebody else keeps it out."""
    users, flag = say.users, say.users.disabled
    given: dict[str, Any] = {"hash": new_hash}
    sets = {users.hash: "%(hash)s"}
    where = "1 = 1"
    if users.set_at is not None:
        sets[users.set_at] = say.database.now()
    if flag is not None:
        given |= {"on": flag.on, "off": flag.off}
        turned = _turned(say, flag, "on", "off")
        if users.cred_gen is not None:
            turned = f"CASE WHEN {say.liftable()} THEN {turned} ELSE {say.column(flag.column)} END"
        sets[flag.column] = turned
    if users.cred_gen is not None:
        sets[users.cred_gen] = say.marked(marks.OWNED | marks.ENABLED)
        where = f"{say.number()} < %(ceiling)s"
    return Write(sets, where, given)


WRITES: Final = {"disable": disable, "lock": lock, "rotate": rotate, "enable": enable}


def write_of(operation: Operation, say: Statements) -> Write:
    """Return what an operation writes."""
    return WRITES[operation](say)


def _turned(say: Statements, flag: Flag, before: str, after: str) -> str:
    return f"CASE WHEN {say.flag(before)} THEN %({after})s ELSE {say.column(flag.column)} END"
