"""What became of each account: the frozen scope joined with chunks and with those that went another way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from resets.models import Account, Chunk, Exceptional, Phase, Reset, Return

BLOCK: Final = 5_000
"""Accounts in memory at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an account in a phase: `done`, `skipped` (its owner set a new password, or it is gone), `missed`,
    `retry` (it is tried again), `waiting`. `at` is when its chunk ended; `code` groups causes."""

    word: str
    at: datetime | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An account with its outcomes by phase and its return."""

    account: Account
    system: str
    phases: dict[str, Outcome]
    returned_at: datetime | None
    returned_via: str


@dataclass
class _Reader:
    """Goes through the chunks of one phase in the order of positions."""

    phase: Phase
    current: Chunk | None = None
    waiting: list[Chunk] = field(default_factory=list)

    def load(self, last: int) -> None:
        """Have the chunks up to position `last` at hand."""
        known = self.waiting[-1] if self.waiting else self.current
        after = known.first if known else -1
        found = Chunk.objects.filter(phase=self.phase, first__gt=after, first__lte=last).order_by("first")
        self.waiting += found.only("first", "last", "state", "code", "ended_at", "phase_id")

    def at(self, position: int) -> Chunk | None:
        """Return the chunk that holds `position`; asked for in ascending order."""
        while self.waiting and (self.current is None or self.current.last < position):
            self.current = self.waiting.pop(0)
        found = self.current
        return found if found is not None and found.first <= position <= found.last else None


def phases_of(reset: Reset) -> list[Phase]:
    """Return the phases that were begun, in their order."""
    order = {name: place for place, name in enumerate(Phase.Name.values)}
    return sorted(Phase.objects.filter(reset=reset), key=lambda phase: order[phase.name])


def outcomes(reset: Reset) -> Iterator[Told]:
    """Go through all accounts in the order of their positions, some thousand in memory at a time.

    Each block is read for itself: of a reset under way, later ones may know more.
    """
    systems = dict(reset.systems.values_list("pk", "key"))
    readers = [_Reader(phase) for phase in phases_of(reset)]
    position = -1
    while True:
        rows = list(Account.objects.filter(reset=reset, position__gt=position).order_by("position")[:BLOCK])
        if not rows:
            return
        position = rows[-1].position
        for reader in readers:
            reader.load(position)
        exceptions, returns = _exceptions(reset, rows), _returns(reset, rows)
        for row in rows:
            phases = {
                reader.phase.name: _outcome(reader.at(row.position), exceptions.get((reader.phase.pk, row.pk)))
                for reader in readers
            }
            at, via = returns.get(row.pk, (None, ""))
            yield Told(row, systems.get(row.system_id, ""), phases, at, via)


def _exceptions(reset: Reset, rows: list[Account]) -> dict[tuple[int, int], Exceptional]:
    found = Exceptional.objects.filter(
        phase__reset=reset, account__position__range=(rows[0].position, rows[-1].position), account__reset=reset
    )
    return {(each.phase_id, each.account_id): each for each in found}


def _returns(reset: Reset, rows: list[Account]) -> dict[int, tuple[datetime, str]]:
    found = Return.objects.filter(
        account__reset=reset, account__position__range=(rows[0].position, rows[-1].position)
    ).values_list("account_id", "at", "via")
    return {account: (at, via) for account, at, via in found}


_WORDS: Final = {"retry": "retry", "failed": "missed", "skipped": "skipped", "mended": "done"}


def _outcome(chunk: Chunk | None, exception: Exceptional | None) -> Outcome:
    if exception is not None:
        return Outcome(_WORDS[exception.state], exception.at, exception.code)
    if chunk is None or chunk.state in (Chunk.State.PENDING, Chunk.State.LEASED):
        return Outcome("waiting")
    if chunk.state == Chunk.State.FAILED:
        return Outcome("missed", chunk.ended_at, chunk.code)
    return Outcome("done", chunk.ended_at)
