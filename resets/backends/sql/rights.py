"""What a dry run looks at: each right that will be needed, tried without changing anything."""

from __future__ import annotations

from typing import Final

from eap.actions.base import Trouble
from resets.backends.base import Probe, Surroundings
from resets.backends.sql import sessions
from resets.backends.sql.databases.base import ColumnKind
from resets.backends.sql.mapping import SqlSettings, Tokens, Users
from resets.backends.sql.statements import Statements

WIDEST_HASH: Final = 123
"""Characters of sha512-crypt with its rounds written out and a salt of 16 (bcrypt 60, yescrypt 73)."""


def of_database(say: Statements, given: SqlSettings) -> list[Probe]:
    """Return what was found out about the tables. Nothing is changed: no row fits the conditions, and all is undone."""
    users = given.users
    kinds = say.database.columns(users.table)
    missing = sorted({name for name in _named(users) if name not in kinds})
    if missing:
        said = f"{users.table} has no column {', '.join(missing)}." if kinds else f"There is no table {users.table}."
        return [Probe("columns", granted=False, sentence=said)]
    found = [Probe("columns", granted=True, sentence="All mapped columns are there.")]
    found.append(_of_width(users, kinds[users.hash]))
    found.append(_of_guard(say, kinds))
    found.append(_of_cutoff(users))
    found.append(_of_doubles(say))
    found.append(_of_flag(say))
    found.append(_tried("read", "The accounts can be read.", say, say.select(_named(users), "1 = 0")))
    sets = {name: say.column(name) for name in _written(users)}
    found.append(_tried("write", "Hashes, flags and guards can be written.", say, say.update(sets, "1 = 0")))
    found += [_of_tokens(say, tokens) for tokens in given.tokens]
    return found


def of_sessions(given: SqlSettings, around: Surroundings) -> list[Probe]:
    """Return whether open sessions can be seen on the first host; where none are mapped, that they will stay open."""
    if given.sessions is None:
        said = "Nothing tells of open sessions: those stay open."
        return [Probe("sessions", granted=False, sentence=said, needed=False)]
    if not given.sessions.hosts and given.sessions.through == "ssh":
        return [Probe("sessions", granted=True, sentence="Sessions are ended on each account's own host.")]
    try:
        count = len(sessions.online(given.sessions, "", around))
    except Trouble as trouble:
        return [Probe("sessions", granted=False, sentence=trouble.sentence)]
    return [Probe("sessions", granted=True, sentence=f"Open sessions can be seen: of {count} accounts now.")]


def _named(users: Users) -> list[str]:
    mapped = (
        users.login, users.hash, users.disabled.column if users.disabled else None, users.cred_gen, users.set_at,
        users.shard, users.group, users.plan, users.email, users.email_changed_at, users.language, users.customer,
        *users.only,
    )  # fmt: skip
    return list(dict.fromkeys(name for name in mapped if name))


def _written(users: Users) -> list[str]:
    mapped = (users.hash, users.disabled.column if users.disabled else None, users.cred_gen, users.set_at)
    return [name for name in mapped if name]


def _of_width(users: Users, kind: ColumnKind) -> Probe:
    wide = kind.width is None or kind.width >= WIDEST_HASH
    known = "without a limit" if kind.width is None else f"{kind.width} characters wide"
    need = "" if wide else f"; a hash may need {WIDEST_HASH}"
    return Probe("hash_width", granted=wide, sentence=f"{users.hash} is {known}{need}.")


def _of_guard(say: Statements, kinds: dict[str, ColumnKind]) -> Probe:
    name = say.users.cred_gen
    if name is None:
        return Probe(
            "guard",
            granted=False,
            sentence="No cred_gen column is mapped: a chunk done twice is told by flag and hash only, and those that "
            "others keep out by the same flag can't be told from ours. Add a column of 64 bits.",
            needed=False,
        )
    if kinds[name].type not in say.database.wide_numbers:
        return Probe(
            "guard", granted=False, sentence=f"{name} is {kinds[name].type}; it needs whole numbers of 64 bits."
        )
    return Probe("guard", granted=True, sentence=f"{name} guards each write.")


def _of_cutoff(users: Users) -> Probe:
    if users.set_at is None:
        return Probe(
            "cutoff",
            granted=False,
            sentence="No set_at column is mapped: nobody can be spared for a password set after the cutoff.",
            needed=False,
        )
    return Probe("cutoff", granted=True, sentence=f"{users.set_at} tells who has set a password since.")


def _of_doubles(say: Statements) -> Probe:
    names = [say.column(name) for name in (say.users.login, say.users.shard) if name]
    group = ", ".join(names)
    statement = f"SELECT {group} FROM {say.table} AS t GROUP BY {group} HAVING COUNT(*) > 1 LIMIT 1"  # noqa: S608
    rows = say.database.rows(statement, {})
    sentence = "Some login stands there more than once; counts would be wrong." if rows else "Each login is there once."
    return Probe("logins_once", granted=not rows, sentence=sentence)


def _of_flag(say: Statements) -> Probe:
    flag = say.users.disabled
    if flag is None:
        return Probe("flag", granted=False, sentence="No column that keeps somebody out is mapped: disable won't work.")
    column = say.column(flag.column)
    statement = f"SELECT COUNT(*) FROM {say.table} AS t WHERE {column} IS NULL OR {column} <> %(off)s"  # noqa: S608
    try:
        kept_out = int(say.database.rows(statement, {"off": flag.off})[0][0])
    except Trouble as trouble:
        return Probe("flag", granted=False, sentence=trouble.sentence)
    return Probe("flag", granted=True, sentence=f"{kept_out} accounts are kept out already, by others.")


def _of_tokens(say: Statements, tokens: Tokens) -> Probe:
    name = f"tokens_{tokens.table.replace('.', '_')}"
    quoted = say.database.quoted
    change = f"DELETE FROM {quoted(tokens.table)}"  # noqa: S608 - see statements.py
    if tokens.revoked is not None:
        column = quoted(tokens.revoked.column)
        change = f"UPDATE {quoted(tokens.table)} SET {column} = {column}"  # noqa: S608
    return _tried(
        name, f"{tokens.table} can be emptied.", say, f"{change} WHERE {quoted(tokens.owner)} IS NULL AND 1 = 0"
    )


def _tried(name: str, sentence: str, say: Statements, statement: str) -> Probe:
    try:
        say.database.try_out(statement)
    except Trouble as trouble:
        return Probe(name, granted=False, sentence=trouble.sentence)
    return Probe(name, granted=True, sentence=sentence)
