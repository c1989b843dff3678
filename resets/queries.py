"""How far a reset has come: by phase, wave, system and host, what failed and why, how fast it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from django.db import connection

from engine import clock
from resets.models import Phase, Reset, Wave
from resets.rules.patience import OPENS_AT

RATE_OVER: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Accounts: `applied`, `unchanged` (a try before had come through), `skipped`, `missed`, and `left` to do."""

    accounts: int = 0
    applied: int = 0
    unchanged: int = 0
    skipped: int = 0
    missed: int = 0

    @property
    def left(self) -> int:
        """Return how many accounts nothing is known of yet."""
        return self.accounts - self.applied - self.unchanged - self.skipped - self.missed

    @property
    def reached(self) -> int:
        """Return how many are as the phase wants them."""
        return self.applied + self.unchanged

    def __add__(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in vars(self)})


@dataclass(frozen=True, kw_only=True)
class WaveProgress:
    """One wave of a phase. `gate`: shut while a second person's word is missing."""

    wave: Wave
    counts: Counts
    gate: Literal["shut", "open"]


@dataclass(frozen=True, kw_only=True)
class HostProgress:
    """One host of a system in a phase, over all waves; `sentence` is its last trouble while it is away or busy."""

    system_id: int
    system: str
    host: str
    counts: Counts
    is_away: bool
    open_until: datetime | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Accounts that failed, by cause. `again`: how many of them are tried again without anybody's doing."""

    code: str
    accounts: int
    again: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class PhaseProgress:
    """One phase. `rate_per_s` is that of the last minute; `eta_s` the seconds left for what was asked for at that rate,
    None while it stands."""

    phase: Phase
    counts: Counts
    waves: list[WaveProgress]
    systems: dict[str, Counts]
    hosts: list[HostProgress]
    causes: list[Cause]
    rate_per_s: float
    eta_s: float | None


_CHUNKS: Final = """
SELECT c.wave, c.system_id, s.name, c.shard, sum(c.last - c.first + 1)::bigint,
    sum(c.applied)::bigint, sum(c.unchanged)::bigint, sum(c.skipped)::bigint, sum(c.missed)::bigint,
    coalesce(h.failures, 0) >= %(opens_at)s, h.open_until, coalesce(h.sentence, '')
FROM resets_chunk c JOIN resets_system s ON s.id = c.system_id
LEFT JOIN resets_host h ON h.system_id = c.system_id AND h.shard = c.shard
WHERE c.phase_id = %(phase)s
GROUP BY c.wave, c.system_id, s.name, c.shard, h.failures, h.open_until, h.sentence ORDER BY s.name, c.shard, c.wave
"""
_CAUSES: Final = """
SELECT code, sum(accounts)::bigint, sum(again)::bigint, max(sentence) FROM (
    SELECT code, count(*) AS accounts, count(*) FILTER (WHERE state = 'retry') AS again, max(sentence) AS sentence
    FROM resets_exceptional WHERE phase_id = %(phase)s AND state IN ('retry', 'failed') GROUP BY code
    UNION ALL
    SELECT code, sum(last - first + 1), 0, max(sentence)
    FROM resets_chunk WHERE phase_id = %(phase)s AND state = 'failed' GROUP BY code
) AS each GROUP BY code ORDER BY 2 DESC, 1
"""
_LATELY: Final = """
SELECT coalesce(sum(last - first + 1), 0)::bigint, min(started_at) FROM resets_chunk
WHERE phase_id = %s AND state = 'done' AND ended_at > %s
"""


def progress(reset: Reset, *, now: datetime | None = None) -> list[PhaseProgress]:
    """Return how far each phase of `reset` has come, in the order of their beginning; four queries a phase.

    `now`: for the rate; the database's time when it is not given.
    """
    moment = now or clock.now()
    phases = Phase.objects.filter(reset=reset).order_by("pk").prefetch_related("waves")
    return [_progress(reset, phase, moment) for phase in phases]


def _progress(reset: Reset, phase: Phase, now: datetime) -> PhaseProgress:
    with connection.cursor() as cursor:
        cursor.execute(_CHUNKS, {"phase": phase.pk, "opens_at": OPENS_AT})
        rows = cursor.fetchall()
        cursor.execute(_CAUSES, {"phase": phase.pk})
        causes = [Cause(code=row[0], accounts=row[1], again=row[2], sentence=row[3]) for row in cursor.fetchall()]
    whole, systems, waves = Counts(), dict[str, Counts](), dict[int, Counts]()
    hosts: dict[tuple[int, str], HostProgress] = {}
    for wave, system_id, system, shard, *figures, is_away, open_until, sentence in rows:
        counts = Counts(**dict(zip(("accounts", "applied", "unchanged", "skipped", "missed"), figures, strict=True)))
        whole += counts
        systems[system] = systems.get(system, Counts()) + counts
        waves[wave] = waves.get(wave, Counts()) + counts
        before = hosts.get((system_id, shard))
        hosts[system_id, shard] = HostProgress(
            system_id=system_id,
            system=system,
            host=shard,
            counts=counts + before.counts if before else counts,
            is_away=is_away,
            open_until=open_until,
            sentence=sentence,
        )
    rate = _rate(phase, now)
    asked = [_wave(reset, wave, waves.get(wave.number, Counts())) for wave in phase.waves.all()]
    left = sum(each.counts.left for each in asked if each.wave.wanted)
    return PhaseProgress(
        phase=phase,
        counts=whole,
        waves=asked,
        systems=systems,
        hosts=list(hosts.values()),
        causes=causes,
        rate_per_s=rate,
        eta_s=left / rate if rate else None,
    )


def _wave(reset: Reset, wave: Wave, counts: Counts) -> WaveProgress:
    is_open = reset.gates_open or wave.number == 0 or wave.opened_at is not None
    return WaveProgress(wave=wave, counts=counts, gate="open" if is_open else "shut")


def _rate(phase: Phase, now: datetime) -> float:
    """Return accounts per second over the last minute, or since the first chunk where that is later."""
    if phase.state not in (Phase.State.RUNNING, Phase.State.HELD):
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, [phase.pk, now - RATE_OVER])
        accounts, since = cursor.fetchone()
    if not accounts:
        return 0.0
    seconds = (now - max(since, now - RATE_OVER)).total_seconds()
    return float(accounts / max(seconds, 1.0))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether the waves that somebody waits for are done. `sentence` says for people how it stands or why it stops."""

    state: Literal["done", "working", "gate", "held", "paused", "aborted"]
    sentence: str
    counts: Counts


def standing(reset: Reset, phase: str, *, through: int) -> Standing:
    """Return how the waves of `phase` up to `through` stand, for whoever waits for them; reads everything anew."""
    reset = Reset.objects.get(pk=reset.pk)
    row = Phase.objects.filter(reset=reset, name=phase).first()
    if row is None:
        return Standing(state="working", sentence="It has not begun.", counts=Counts())
    waves = {wave.number: wave for wave in row.waves.filter(number__lte=through)}
    counts = _counts_of(row, through)
    said = f"{counts.accounts - counts.left:,} of {counts.accounts:,} accounts; {counts.missed:,} missed"
    state: Any = "working"
    sentence = f"{row.get_name_display()}: {said}."
    if all(wave.state == Wave.State.DONE for wave in waves.values()):
        state = "done"
    elif reset.state == Reset.State.ABORTED:
        state, sentence = "aborted", reset.trouble or "The reset was aborted."
    elif row.state == Phase.State.HELD:
        state, sentence = "held", f"{row.held_because} {said}."
    elif reset.state == Reset.State.PAUSED:
        state, sentence = "paused", reset.trouble or "The reset is paused."
    elif (gate := _shut(reset, waves)) is not None:
        state, sentence = "gate", f"Wave {gate} waits for a second person to open it. {said}."
    return Standing(state=state, sentence=sentence, counts=counts)


def _shut(reset: Reset, waves: dict[int, Wave]) -> int | None:
    """Return the wave whose gate is all that is waited for."""
    for number, wave in sorted(waves.items()):
        if wave.state == Wave.State.OPEN:
            return None
        if wave.state == Wave.State.CLOSED:
            is_shut = number > 0 and not reset.gates_open and wave.opened_at is None
            return number if is_shut else None
    return None


def _counts_of(phase: Phase, through: int) -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(last - first + 1), 0)::bigint, coalesce(sum(applied), 0)::bigint,"
            " coalesce(sum(unchanged), 0)::bigint, coalesce(sum(skipped), 0)::bigint, coalesce(sum(missed), 0)::bigint"
            " FROM resets_chunk WHERE phase_id = %s AND wave <= %s",
            [phase.pk, through],
        )
        accounts, applied, unchanged, skipped, missed = cursor.fetchone()
    return Counts(accounts=accounts, applied=applied, unchanged=unchanged, skipped=skipped, missed=missed)
