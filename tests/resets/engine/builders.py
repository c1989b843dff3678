"""Resets with frozen accounts, and working them off in the caller's thread at a time of its choosing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from ledger.actor import Actor
from people.models import Person
from resets.models import Account, Chunk, Phase, Reset, System
from resets.operations.release import release
from resets.work.carry_out import Kept, carry_out
from resets.work.claim import claim
from resets.work.heartbeat import heartbeat

NOW: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
BY: Final = Actor.system("Test", via="cli")

_numbers = itertools.count(1)


def make_system(*, kind: str = "memory", **more: Any) -> System:
    """Make a system whose accounts are in memory."""
    number = next(_numbers)
    return System.objects.create(key=f"memory-{number}", name=f"Memory {number}", kind=kind, **more)


def make_reset(
    *,
    sizes: Sequence[int] = (2, 10, 10, 30, 48),
    shards: Sequence[str] = ("web1", "web2"),
    systems: Sequence[System] = (),
    created_by: Person | None = None,
    **more: Any,
) -> Reset:
    """Make a frozen reset with `sizes` accounts in its waves, dealt out over systems and shards; gates open."""
    number = next(_numbers)
    systems = systems or [make_system()]
    given = {"gates_open": True, "mode": Reset.Mode.SELF_SET, **more}
    reset = Reset.objects.create(
        title=f"Reset {number}",
        state=Reset.State.FROZEN,
        cutoff=NOW - timedelta(days=1),
        generation=1_000 + number,
        count=sum(sizes),
        frozen_at=NOW,
        created_by=created_by,
        created_by_name=created_by.name if created_by else "Test",
        created_at=NOW,
        **given,
    )
    reset.systems.set(systems)
    places = list(itertools.product(systems, shards))
    dealt = [
        (wave, *places[n % len(places)], f"w{wave}u{n:05}") for wave, size in enumerate(sizes) for n in range(size)
    ]
    dealt.sort(key=lambda each: (each[0], each[1].pk, each[2], each[3]))
    Account.objects.bulk_create(
        Account(reset=reset, system=system, shard=shard, login=login, position=position, wave=wave)
        for position, (wave, system, shard, login) in enumerate(dealt)
    )
    return reset


def ask(reset: Reset, phase: str, *, through: int = 4, now: datetime = NOW, approved: bool = False) -> Phase:
    """Release a phase."""
    with transaction.atomic():
        return release(reset=reset, phase=phase, through=through, by=BY, now=now, approved=approved)


def work(*, now: datetime = NOW, at_most: int = 10_000) -> int:
    """Work chunks off one after the other, as of `now`, until none is due; return how many."""
    kept, beating = Kept(), heartbeat()
    try:
        last = None
        for count in range(at_most):
            claimed = last = claim(now=now, near=last)
            if claimed is None:
                return count
            carry_out(claimed, kept=kept, heartbeat=beating, time_of_day=lambda: now)
        return at_most
    finally:
        kept.close()


def counts(phase: Phase) -> dict[str, int]:
    """Return the sums over the chunks of a phase, and `accounts`, which they must add up to when it is done."""
    found = {"applied": 0, "unchanged": 0, "skipped": 0, "missed": 0, "accounts": 0}
    for chunk in Chunk.objects.filter(phase=phase):
        for name in ("applied", "unchanged", "skipped", "missed"):
            found[name] += getattr(chunk, name)
        found["accounts"] += chunk.last - chunk.first + 1
    return found


def done(reset: Reset, *phases: str, now: datetime = NOW) -> None:
    """Bring these phases through all waves."""
    for name in phases:
        phase = ask(reset, name, now=now)
        work(now=now)
        phase.refresh_from_db()
        assert phase.state == Phase.State.DONE, (name, phase.state, phase.held_because)
