"""Which Plesk servers, and which of their accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from resets.backends.base import Settings

SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Kind = Literal["client", "ftp"]


class PleskServer(Settings):
    """One server: its address (`https://host:8443`) and the secret that is its API key."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#\s]+$", max_length=200)]
    key: SecretName


class PleskSettings(Settings):
    """`servers` by name; a server is a shard. `kinds`: customers' own sign-ins, additional FTP accounts, or both."""

    servers: Annotated[dict[str, PleskServer], Field(min_length=1, max_length=500)]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = ("client", "ftp")
    shortest_password: Annotated[int, Field(ge=8, le=64)] = 12
