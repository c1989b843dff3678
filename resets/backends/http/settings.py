"""Where the endpoint is, and what it can do."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from resets.backends.base import Ability, Settings


class HttpSettings(Settings):
    """`url` takes every call; `secret` names the secret that calls are signed with; `able` is what the endpoint can do.

    `page` is how many accounts it is asked for at a time when they are looked up.
    """

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^?#\s]+$", max_length=500)]
    secret: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    able: Annotated[tuple[Ability, ...], Field(min_length=1)] = ("disable", "lock", "revoke", "enable", "set_password")
    page: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    shortest_password: Annotated[int, Field(ge=8, le=64)] = 12
