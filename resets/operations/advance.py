"""Move a reset on: open waves whose time has come, end what is done, hold what failed too often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from eap.rules.failure_limits import Limit, Tally, why_stop
from ledger.actor import Actor
from resets.models import Chunk, Phase, Reset, Wave
from resets.news import News
from resets.operations.count_chunks import count_chunks
from resets.rules.gates import Standing, may_open
from resets.rules.patience import OPENS_AT

_WAVES: Final = """
SELECT c.wave,
    count(*) FILTER (WHERE c.state IN ('pending', 'leased')),
    count(*) FILTER (WHERE c.state IN ('pending', 'leased') AND h.failures >= %(opens_at)s),
    count(*) FILTER (WHERE c.state = 'done'),
    coalesce(sum(c.missed) FILTER (WHERE c.state IN ('done', 'failed')), 0),
    sum(c.applied), sum(c.unchanged), sum(c.skipped)
FROM resets_chunk c LEFT JOIN resets_host h ON h.system_id = c.system_id AND h.shard = c.shard
WHERE c.phase_id = %(phase)s GROUP BY c.wave
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over the chunks of a wave; `missed` only of those that nobody tries again by themselves."""

    left: int = 0
    stuck: int = 0
    passed: int = 0
    missed: int = 0
    applied: int = 0
    unchanged: int = 0
    skipped: int = 0


def advance_reset(reset_id: UUID, *, now: datetime) -> bool:
    """Move a reset on in a transaction of its own; tell whether anything moved.

    Waits for whoever moves it just now: what the caller has seen end, they may have looked at before.
    """
    with transaction.atomic():
        found = Reset.objects.select_for_update(no_key=True, of=("self",)).select_related("run")
        reset = found.filter(pk=reset_id, state=Reset.State.RUNNING).first()
        if reset is None:
            return False
        news = News(reset, by=Actor.system(), now=now)
        if not advance(reset, news, now=now):
            return False
        news.publish()
    return True


def advance(reset: Reset, news: News, *, now: datetime) -> bool:
    """Move the phases of a locked reset on; tell whether anything moved. A paused one stays where it is."""
    if reset.state != Reset.State.RUNNING:
        return False
    phases = Phase.objects.filter(reset=reset, state=Phase.State.RUNNING)
    moved = [_advance_phase(reset, phase, news, now) for phase in phases]
    return any(moved)


def _advance_phase(reset: Reset, phase: Phase, news: News, now: datetime) -> bool:
    waves = list(phase.waves.order_by("number"))
    moved = False
    for _ in waves:  # an empty wave is done as soon as it opens, and lets the next one open
        figures = figures_of(phase)
        if _hold(reset, phase, waves, figures, news):
            return True
        ended = [_end(wave, figures, phase, news, now) for wave in waves]
        opened = _open(reset, phase, waves, figures, news, now)
        if not (any(ended) or opened):
            break
        moved = True
    if all(wave.state == Wave.State.DONE for wave in waves):
        phase.state, phase.ended_at = Phase.State.DONE, now
        phase.save(update_fields=["state", "ended_at"])
        news.say("reset.phase_done", {"phase": phase.name, **_sums(figures_of(phase).values())})
        moved = True
    return moved


def figures_of(phase: Phase) -> dict[int, Figures]:
    """Return the figures of a phase by wave."""
    with connection.cursor() as cursor:
        cursor.execute(_WAVES, {"phase": phase.pk, "opens_at": OPENS_AT})
        return {row[0]: Figures(*map(int, row[1:])) for row in cursor.fetchall()}


def _hold(reset: Reset, phase: Phase, waves: Sequence[Wave], figures: dict[int, Figures], news: News) -> bool:
    """Stop the phase where a limit is exceeded; what is under way ends by itself."""
    failed = {wave.number: max(0, _of(figures, wave).missed - wave.forgiven) for wave in waves}
    in_all = Tally(hosts=sum(wave.accounts for wave in waves), failed=sum(failed.values()))
    for wave in waves:
        sentence = why_stop(
            wave=wave.number,
            in_wave=Tally(hosts=wave.accounts, failed=failed[wave.number]),
            in_all=in_all,
            wave_limit=limit(reset.wave_limit),
            total_limit=limit(reset.total_limit),
        )
        if sentence:
            phase.state, phase.held_because = Phase.State.HELD, sentence
            phase.save(update_fields=["state", "held_because"])
            news.say("reset.held", {"phase": phase.name, "wave": wave.number, "sentence": sentence})
            return True
    return False


def limit(given: dict[str, Any]) -> Limit:
    """Return a stored limit as the rule reads it."""
    return Limit(failures=given.get("failures"), percent=given.get("percent"))


def _end(wave: Wave, figures: dict[int, Figures], phase: Phase, news: News, now: datetime) -> bool:
    found = _of(figures, wave)
    if wave.state != Wave.State.OPEN or found.left:
        return False
    wave.state, wave.ended_at = Wave.State.DONE, now
    wave.save(update_fields=["state", "ended_at"])
    if wave.accounts:
        news.say("reset.wave_done", {"phase": phase.name, "wave": wave.number, **_sums([found])})
    return True


def _open(
    reset: Reset, phase: Phase, waves: Sequence[Wave], figures: dict[int, Figures], news: News, now: datetime
) -> bool:
    standings = [_standing(reset, wave, _of(figures, wave)) for wave in waves]
    opening = set(may_open(standings, phase=phase.name))
    for wave in waves:
        if wave.number in opening:
            wave.state = Wave.State.OPEN
            wave.opened_at = wave.opened_at or now
            wave.save(update_fields=["state", "opened_at"])
            if wave.accounts:
                news.say("reset.wave_opened", {"phase": phase.name, "wave": wave.number, "accounts": wave.accounts})
    if opening:
        Chunk.objects.filter(phase=phase, wave__in=opening, state=Chunk.State.PENDING, due_at=None).update(due_at=now)
        transaction.on_commit(count_chunks, robust=True)
    return bool(opening)


def _standing(reset: Reset, wave: Wave, figures: Figures) -> Standing:
    return Standing(
        number=wave.number,
        wanted=wave.wanted,
        approved=reset.gates_open or wave.opened_at is not None,
        is_open=wave.state == Wave.State.OPEN,
        is_done=wave.state == Wave.State.DONE,
        left=figures.left,
        stuck=figures.stuck,
        passed=figures.passed,
    )


def _of(figures: dict[int, Figures], wave: Wave) -> Figures:
    return figures.get(wave.number, Figures())


def _sums(figures: Sequence[Figures] | Any) -> dict[str, int]:
    each = list(figures)
    return {name: sum(getattr(one, name) for one in each) for name in ("applied", "unchanged", "skipped", "missed")}
