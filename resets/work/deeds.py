"""What is done with a chunk in each phase: from logins to one call of the backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from resets.backends.base import Backend, Done
from resets.work.claim import Claimed


@dataclass(frozen=True, kw_only=True)
class Task:
    """One call: the chunk, the logins in it that are to be done now, and whether to stop at the next safe point."""

    chunk: Claimed
    logins: Sequence[str]
    stopped: Callable[[], bool]


Deed = Callable[[Backend[Any], Task], Done]
"""Does it and says what became of every login of the task; blocks, outside any transaction, raises `Trouble`."""


def _disable(backend: Backend[Any], task: Task) -> Done:
    return backend.disable(task.chunk.shard, task.logins, guard=task.chunk.guard)


def _lock(backend: Backend[Any], task: Task) -> Done:
    return backend.lock(task.chunk.shard, task.logins, guard=task.chunk.guard)


def _revoke(backend: Backend[Any], task: Task) -> Done:
    return backend.revoke(task.chunk.shard, task.logins, guard=task.chunk.guard)


_DEEDS: Final[dict[str, Deed]] = {"disable": _disable, "lock": _lock, "revoke": _revoke}
_PLACES: Final[dict[str, str]] = {
    "seal": "resets.scope.sealing:seal",
    "rotate": "resets.work.rotating:rotate",
    "enable": "resets.work.enabling:enable",
}


def register_place(phase: str, place: str) -> None:
    """Have `place` (module, colon, name of a `Deed`) do a phase; loaded with its first chunk."""
    if _PLACES.setdefault(phase, place) != place:
        raise ValueError(f"Two deeds for the phase {phase!r}.")


def deed_of(phase: str) -> Deed:
    """Return what is done in a phase; raises `KeyError` for one that nobody does chunk by chunk."""
    if phase not in _DEEDS:
        module, _, name = _PLACES[phase].partition(":")
        deed: Deed = getattr(import_module(module), name)
        _DEEDS[phase] = deed
    return _DEEDS[phase]
