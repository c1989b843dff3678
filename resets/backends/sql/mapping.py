"""Which table and columns hold what: a system's settings, and the only way for a name to get into a statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from resets.backends.base import Settings

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]{0,62}"
"""At most 63, PostgreSQL's limit (MariaDB's is 64). No mark that any database quotes by can stand in it."""


def _plain(text: str) -> str:
    # Python's "$" also matches before a final newline.
    if not re.fullmatch(rf"{_NAME}(\.{_NAME})?", text):
        raise ValueError("A name is letters, digits and underscores, at most 63, and begins with no digit.")
    return text


Column = Annotated[str, StringConstraints(max_length=63), AfterValidator(_plain), Field(pattern=rf"^{_NAME}$")]
Table = Annotated[str, StringConstraints(max_length=127), AfterValidator(_plain)]
"""A table, or `schema.table`."""
SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Value = bool | int | Annotated[str, StringConstraints(max_length=200)]


class Flag(Settings):
    """The column that keeps somebody out: `on` when a reset disabled the account, `off` when it may sign in.

    Any other value, NULL too, is somebody else's doing (a suspension, say): it is left alone and never lifted. With an
    `on` of its own ("reset" beside "suspended") this holds even without a `cred_gen` column.
    """

    column: Column
    on: Value = True
    off: Value = False


class Users(Settings):
    """The table of accounts. What is not mapped is not known: selecting by it is refused.

    `cred_gen` is a column of whole numbers of 64 bits that only resets write: it makes each write harmless a second
    time and shows which operations an account has had. `only` are columns and values that all accounts of this system
    have. `times`: whether moments are timestamps (UTC where the column knows no zone) or seconds since 1970.
    """

    table: Table = "users"
    login: Column = "login"
    hash: Column = "passwd"
    disabled: Flag | None = None
    cred_gen: Column | None = None
    set_at: Column | None = None
    shard: Column | None = None
    group: Column | None = None
    plan: Column | None = None
    email: Column | None = None
    email_changed_at: Column | None = None
    language: Column | None = None
    customer: Column | None = None
    only: Annotated[Mapping[Column, Value], Field(max_length=5)] = {}
    times: Literal["timestamp", "unix"] = "timestamp"


class Tokens(Settings):
    """Keys or tokens that let in without the password. `owner` holds the account's `to` (its login unless told).

    Those of an account are deleted, or marked: `revoked` set to its `on`.
    """

    table: Table
    owner: Column
    to: Column | None = None
    revoked: Flag | None = None


class PostgreSql(Settings):
    """Where a PostgreSQL listens: a host, or the folder of its socket. `password` names a secret."""

    engine: Literal["postgresql"]
    host: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 5432
    database: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    user: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    password: SecretName
    tls: Literal["disable", "prefer", "require", "verify-full"] = "prefer"
    ca: Annotated[str, StringConstraints(max_length=500)] = ""


class MariaDb(Settings):
    """Where a MariaDB or MySQL listens: a host, or the path of its socket. `password` names a secret."""

    engine: Literal["mariadb"]
    host: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 3306
    database: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    user: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    password: SecretName
    tls: Literal["disable", "require", "verify-full"] = "disable"
    ca: Annotated[str, StringConstraints(max_length=500)] = ""


class Sqlite(Settings):
    """A file of the folder RESET_FILES_DIR."""

    engine: Literal["sqlite"]
    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]


class Sessions(Settings):
    """How open sessions of ProFTPD are found and ended: by `ftpwho` and `ftpdctl` on its host.

    Over SSH as `user` with the secret `key`; the host is the account's shard as the inventory names it, or each of
    `hosts` where there are no shards. `through: local` runs them on this machine. Needs ProFTPD's modules mod_ctrls and
    mod_ctrls_admin, and the right to use its control socket.
    """

    kind: Literal["proftpd"] = "proftpd"
    through: Literal["ssh", "local"] = "ssh"
    hosts: Annotated[tuple[Annotated[str, StringConstraints(max_length=253)], ...], Field(max_length=200)] = ()
    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")] = "root"
    key: SecretName | None = None
    socket: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_./-]{1,200}$")] = "/run/proftpd/proftpd.sock"
    scoreboard: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_./-]{1,200}$")] = (
        "/run/proftpd/proftpd.scoreboard"
    )


class SignIn(Settings):
    """Where customers sign in, for the proof by real sign-ins. `host` may hold "{shard}". SFTP needs its host key."""

    protocol: Literal["ftp", "ftps", "sftp"]
    host: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 21
    host_key: Annotated[str, StringConstraints(max_length=2_000)] = ""


class SqlSettings(Settings):
    """A system of SQL users. `scheme` hashes the passwords that owners choose. `probes` are accounts of our own and the
    secrets with the passwords they had before the reset: `{canary1: ftp_canary1}`."""

    database: Annotated[PostgreSql | MariaDb | Sqlite, Field(discriminator="engine")]
    users: Users = Users()
    tokens: Annotated[tuple[Tokens, ...], Field(max_length=10)] = ()
    sessions: Sessions | None = None
    sign_in: SignIn | None = None
    probes: Annotated[Mapping[str, SecretName], Field(max_length=1_000)] = {}
    scheme: Literal["sha512_crypt", "yescrypt", "bcrypt"] = "sha512_crypt"
    shortest_password: Annotated[int, Field(ge=8, le=64)] = 12
