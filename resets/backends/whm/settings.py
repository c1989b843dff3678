"""Which WHM servers, and how far a reset goes on them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from resets.backends.base import Settings

SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class WhmServer(Settings):
    """One server: its address (`https://host:2087`), whose API token signs us in, and the address where its users sign
    in (`https://host:2083`), needed for `probes` alone."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+$", max_length=200)]
    user: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "root"
    token: SecretName
    sign_in_url: Annotated[str, StringConstraints(pattern=r"^(https?://[^/?#\s]+)?$", max_length=200)] = ""


class WhmSettings(Settings):
    """`servers` by name; a server is a shard.

    `ftp_accounts`: extra FTP accounts are covered too. `database_passwords`: the main MySQL password changes with the
    account's (WHM's own default; sites that have it in a file break). `suspend_sites`: disabling suspends the whole
    account, its site included, because WHM knows nothing that stops only signing in. `force_change`: the panel asks for
    a new password at the next sign-in. `probes` are logins with the name of the secret that was their password.
    """

    servers: Annotated[dict[str, WhmServer], Field(min_length=1, max_length=500)]
    ftp_accounts: bool = True
    database_passwords: bool = False
    suspend_sites: bool = False
    force_change: bool = True
    shortest_password: Annotated[int, Field(ge=8, le=64)] = 12
    probes: dict[str, SecretName] = Field(default_factory=dict)
