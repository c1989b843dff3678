"""The queries that choose accounts, and the statement that takes their tokens away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eap.actions.base import Trouble
from resets.backends.base import Found, Selection
from resets.backends.sql.databases.base import Database, Given, Row
from resets.backends.sql.mapping import Tokens
from resets.backends.sql.statements import Statements


def finding(say: Statements, selection: Selection) -> tuple[str, Given]:
    """Return the query of all accounts in scope; raises `Trouble` when it narrows by what is not mapped."""
    users = say.users
    where, given = _chosen(say, selection)
    columns = [
        users.login, users.shard, users.set_at, users.email, users.email_changed_at, users.language, users.customer,
    ]  # fmt: skip
    return say.select(columns, where), given


def counting(say: Statements, selection: Selection) -> tuple[str, Given]:
    """Return the query of how many there are by shard."""
    where, given = _chosen(say, selection)
    if say.users.shard is None:
        return f"SELECT '', COUNT(*) FROM {say.table} AS t WHERE {where}", given  # noqa: S608 - see statements.py
    shard = say.column(say.users.shard)
    return f"SELECT {shard}, COUNT(*) FROM {say.table} AS t WHERE {where} GROUP BY {shard}", given  # noqa: S608


def found(row: Row, database: Database) -> Found:
    """Return a row of `finding` as an account."""
    login, shard, set_at, email, email_changed_at, language, customer = row
    return Found(
        login=str(login),
        shard=_text(shard),
        set_at=database.read_moment(set_at),
        email=_text(email),
        email_changed_at=database.read_moment(email_changed_at),
        language=_text(language),
        customer=_text(customer),
    )


def taking_tokens(say: Statements, tokens: Tokens, shard: str, logins: Sequence[str]) -> tuple[str, Given]:
    """Return the statement that deletes these accounts' tokens, or marks them as revoked."""
    quoted = say.database.quoted
    where, given = say.among(shard, logins)
    owners = f"SELECT {say.column(tokens.to or say.users.login)} FROM {say.table} AS t WHERE {where}"  # noqa: S608
    theirs = f"{quoted(tokens.owner)} IN ({owners})"
    if tokens.revoked is None:
        return f"DELETE FROM {quoted(tokens.table)} WHERE {theirs}", given  # noqa: S608
    column = quoted(tokens.revoked.column)
    statement = f"UPDATE {quoted(tokens.table)} SET {column} = %(gone)s WHERE {theirs} AND {column} = %(valid)s"  # noqa: S608
    return statement, {**given, "gone": tokens.revoked.on, "valid": tokens.revoked.off}


def _chosen(say: Statements, selection: Selection) -> tuple[str, Given]:
    users = say.users
    given: dict[str, Any] = {f"only_{number}": value for number, value in enumerate(users.only.values())}
    parts = [f"{say.column(name)} = %(only_{number})s" for number, name in enumerate(users.only)]
    if users.set_at is not None:
        set_at = say.column(users.set_at)
        parts.append(f"({set_at} IS NULL OR {set_at} < %(set_before)s)")
        given["set_before"] = say.database.moment(selection.set_before)
    for key, values in (
        ("shard", selection.hosts), ("group", selection.groups), ("plan", selection.plans), ("login", selection.logins),
    ):  # fmt: skip
        if not values:
            continue
        column = getattr(users, key)
        if column is None:
            raise Trouble(f"No column for the {key} is mapped for {users.table}, so accounts can't be chosen by it.")
        condition, listed = say.database.among(say.column(column), values, f"chosen_{key}")
        parts.append(condition)
        given.update(listed)
    return " AND ".join(parts) or "1 = 1", given


def _text(value: Any) -> str:
    return "" if value is None else str(value)
