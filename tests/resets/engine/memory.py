"""A system whose accounts are in this process: what was done to each of them, and how it can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final

from eap.actions.base import Trouble
from resets.backends.base import Ability, Backend, Done, Found, Guard, Miss, Selection, Settings

PLACE: Final = "tests.resets.engine.memory:Memory"
ORDER: Final = ("disable", "lock", "rotate", "revoke", "enable")


class Held:
    """The accounts of every system of this kind. `done` has one entry per operation that changed an account."""

    def __init__(self) -> None:
        self.done: dict[tuple[str, str], list[str]] = {}
        self.had: dict[tuple[str, str], set[tuple[int, str]]] = {}
        self.calls: list[tuple[str, str, int]] = []
        self.away: set[str] = set()
        self.own_password: set[str] = set()
        self.misses: dict[str, Miss] = {}
        self.before: Callable[[str, str], None] = lambda _operation, _shard: None
        self.after: Callable[[str, str], None] = lambda _operation, _shard: None
        self.miscounts = False

    def times(self, operation: str) -> dict[str, int]:
        """Return how often this was really done to each account; who is not in it, not at all."""
        return {login: did.count(operation) for (_, login), did in self.done.items() if operation in did}


HELD = Held()


class MemorySettings(Settings):
    """It needs to be told nothing but a secret's name."""

    password: str = ""


class Memory(Backend[MemorySettings]):
    """Does as it is told, unless `HELD` says otherwise."""

    kind = "memory"
    title = "Memory"
    settings = MemorySettings
    abilities: ClassVar[frozenset[Ability]] = frozenset({"disable", "lock", "rotate", "revoke", "enable"})
    chunk_size = 10

    def find(self, selection: Selection) -> Iterator[Found]:
        """Find none: the tests write the accounts themselves."""
        raise NotImplementedError

    def _do(self, operation: str, shard: str, logins: Sequence[str], guard: Guard) -> Done:
        HELD.calls.append((operation, shard, len(logins)))
        HELD.before(operation, shard)
        if shard in HELD.away:
            raise Trouble(f"{shard} refuses connections.", passing=True)
        if self.given.password:
            raise Trouble(f"It said: wrong password {self.around.secret(self.given.password)}")
        applied, unchanged, skipped, misses = 0, 0, [], []
        for login in logins:
            had = HELD.had.setdefault((shard, login), set())
            if login in HELD.own_password:
                skipped.append(login)
            elif login in HELD.misses:
                misses.append(HELD.misses[login])
            elif (guard.generation, operation) in had:
                unchanged += 1
            else:
                had.add((guard.generation, operation))
                HELD.done.setdefault((shard, login), []).append(operation)
                applied += 1
        HELD.after(operation, shard)
        return Done(applied=applied + HELD.miscounts, unchanged=unchanged, skipped=tuple(skipped), misses=tuple(misses))

    def disable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Note it."""
        return self._do("disable", shard, logins, guard)

    def lock(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Note it."""
        return self._do("lock", shard, logins, guard)

    def rotate(self, shard: str, hashes: Sequence[tuple[str, str]], *, guard: Guard) -> Done:
        """Note it; the hashes must be what they should be, and all different."""
        assert len({hashed for _, hashed in hashes}) == len(hashes)
        assert all(hashed.startswith("$6$") and len(hashed) == 106 for _, hashed in hashes)
        return self._do("rotate", shard, [login for login, _ in hashes], guard)

    def revoke(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Note it."""
        return self._do("revoke", shard, logins, guard)

    def enable(self, shard: str, logins: Sequence[str], *, guard: Guard) -> Done:
        """Note it."""
        return self._do("enable", shard, logins, guard)
