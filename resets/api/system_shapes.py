"""Account systems as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from resets.models import System
from web.api import Schema, Window
from web.api.fields import Given, Name

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
Title = Annotated[Name, StringConstraints(min_length=1, max_length=100)]
Rate = Annotated[int, Field(ge=1, le=1_000_000)]
AtOnce = Annotated[int, Field(ge=1, le=64)]


class SystemsAsked(Window):
    """Which systems: of a kind; `archived` also those put away."""

    kind: Name = ""
    archived: bool = False


class SystemIn(Given):
    """A system. `settings` are those of its kind (docs/resets.md), secrets in them by name.

    `rate` is accounts a second and host, null as fast as it goes; `at_once` chunks under way on one host. `drill`:
    drills work here. `trusts_mail`: an address of which nobody knows when it was changed is proof enough.
    """

    key: Key
    name: Title
    kind: Name
    settings: dict[str, Any]
    rate: Rate | None = None
    at_once: AtOnce = 2
    drill: bool = False
    trusts_mail: bool = True


class SystemChangeIn(Given):
    """What changes; the rest stays. `settings` replace the old ones whole. Key and kind stay for good."""

    name: Title | None = None
    settings: dict[str, Any] | None = None
    rate: Rate | None = None
    at_once: AtOnce | None = None
    drill: bool | None = None
    trusts_mail: bool | None = None


class SystemOut(Schema):
    """A system, as `SystemIn` describes it. No secret stands in its settings, only names of secrets."""

    id: int
    key: str
    name: str
    kind: str
    settings: dict[str, Any]
    rate: int | None
    at_once: int
    drill: bool
    trusts_mail: bool
    archived_at: datetime | None


def system_out(system: System) -> SystemOut:
    """Return a system as it is kept."""
    return SystemOut(
        id=system.pk,
        key=system.key,
        name=system.name,
        kind=system.kind,
        settings=system.settings,
        rate=system.rate,
        at_once=system.at_once,
        drill=system.drill,
        trusts_mail=system.trusts_mail,
        archived_at=system.archived_at,
    )
