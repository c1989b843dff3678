"""A system whose accounts stand in a list of the test, and resets made of such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

from django.db import transaction

from people.actors import actor_for
from resets.backends.base import Backend, Found, Selection, Settings, Surroundings
from resets.models import Reset, System
from resets.operations.create import create
from resets.scope.gather import Opener
from tests.builders import NOW, make_person

CUTOFF = NOW - timedelta(hours=5)


class ListedSettings(Settings):
    """None."""


class Listed(Backend[ListedSettings]):
    """Hands out what it was given, in that order."""

    kind = "listed"
    title = "A list"
    settings = ListedSettings
    abilities = frozenset({"read_hashes"})
    chunk_size = 100

    def __init__(self, accounts: Iterable[Found]) -> None:
        super().__init__(ListedSettings(), Surroundings(secret=str, say=print, stopped=lambda: False))
        self.accounts = accounts
        self.asked: list[Selection] = []
        self.closed = 0

    def close(self) -> None:
        self.closed += 1

    def find(self, selection: Selection) -> Iterator[Found]:
        self.asked.append(selection)
        yield from self.accounts

    def read_hashes(self, shard: str, logins: Sequence[str]) -> Sequence[tuple[str, str]]:
        return [(login, f"$6$salt${login}-{shard}") for login in logins if not login.startswith("gone")]


def make_system(key: str = "ftp", *, drill: bool = False, settings: dict[str, Any] | None = None) -> System:
    """Make a system; what stands behind it is what a test opens for it."""
    return System.objects.create(key=key, name=key.upper(), kind="sql", settings=settings or {}, drill=drill)


def make_draft(*systems: System, **given: Any) -> Reset:
    """Make a reset in draft, asked for by Sid."""
    with transaction.atomic():
        return create(
            **{
                "title": "After the intrusion",
                "cutoff": CUTOFF,
                "systems": systems or (make_system(),),
                "by": actor_for(make_person("Sid"), via="web"),
                "now": NOW,
                **given,
            }
        )


def opened(behind: dict[str, Listed]) -> Opener:
    """Return what opens each system by its key."""
    return lambda system: closing(behind[system.key])


def logins(count: int, *, shards: int = 1, prefix: str = "user") -> list[Found]:
    """Return accounts spread over hosts."""
    return [
        Found(login=f"{prefix}{number:05}", shard=f"host{number % shards:02}" if shards > 1 else "")
        for number in range(count)
    ]
