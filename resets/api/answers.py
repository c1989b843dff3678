"""From rows to what the API answers about resets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from people.models import Person
from resets.access import Beside, resets_beside
from resets.api.shapes import (
    CauseOut,
    CountsOut,
    ExceptionOut,
    FullResetOut,
    HostOut,
    KeptOut,
    OverlapOut,
    PhaseOut,
    ReportOut,
    ResetOut,
    SharedOut,
    WaveOut,
)
from resets.models import Exceptional, Reset, Return
from resets.proof.report import report
from resets.queries import Counts, PhaseProgress, progress


def reset_out(reset: Reset) -> ResetOut:
    """Return a reset without its progress; its systems are best read beforehand."""
    return ResetOut(**_facts(reset))


def full_reset_out(reset: Reset, *, person: Person, now: datetime) -> FullResetOut:
    """Return a reset as it is now with its progress, for one person; four queries a phase."""
    reset = Reset.objects.get(pk=reset.pk)
    return FullResetOut(
        **_facts(reset),
        selection=reset.selection,
        left_alone=reset.exclusions.count(),
        returned=Return.objects.filter(account__reset=reset).count(),
        phases=[_phase(each) for each in progress(reset, now=now)],
        overlaps=[_overlap(each) for each in resets_beside(person, reset, now=now)],
    )


def _overlap(beside: Beside) -> OverlapOut:
    other = beside.overlap.other
    return OverlapOut(
        reset_id=str(other.pk) if beside.is_seen else None,
        state=other.state,
        ended_at=other.ended_at,
        shared=[
            SharedOut(system=each.system.key, hosts=sorted(each.hosts) if each.hosts is not None else None)
            for each in beside.overlap.shared
        ],
        sentence=beside.sentence,
    )


def _facts(reset: Reset) -> dict[str, Any]:
    return {
        "id": str(reset.pk),
        "title": reset.title,
        "state": reset.state,
        "mode": reset.mode,
        "drill": reset.drill,
        "run_id": str(reset.run_id) if reset.run_id else None,
        "cutoff": reset.cutoff,
        "systems": sorted(system.key for system in reset.systems.all()),
        "accounts": reset.count,
        "digest": reset.digest,
        "created_by": reset.created_by_name,
        "created_at": reset.created_at,
        "frozen_at": reset.frozen_at,
        "ended_at": reset.ended_at,
        "trouble": reset.trouble,
    }


def _phase(each: PhaseProgress) -> PhaseOut:
    phase = each.phase
    return PhaseOut(
        phase=phase.name,
        state=phase.state,
        held_because=phase.held_because,
        started_at=phase.started_at,
        ended_at=phase.ended_at,
        rate_per_s=each.rate_per_s,
        eta_s=each.eta_s,
        counts=_counts(each.counts),
        waves=[
            WaveOut(
                number=one.wave.number,
                state=one.wave.state,
                wanted=one.wave.wanted,
                gate=one.gate,
                counts=_counts(one.counts),
            )
            for one in each.waves
        ],
        systems={name: _counts(counts) for name, counts in each.systems.items()},
        hosts=[
            HostOut(
                system=host.system,
                host=host.host,
                away=host.is_away,
                asked_again_at=host.open_until,
                trouble=host.sentence,
                counts=_counts(host.counts),
            )
            for host in each.hosts
        ],
        causes=[
            CauseOut(cause=cause.code, accounts=cause.accounts, again=cause.again, sentence=cause.sentence)
            for cause in each.causes
        ],
    )


def _counts(counts: Counts) -> CountsOut:
    return CountsOut(**vars(counts), left=counts.left)


def exception_out(row: Exceptional) -> ExceptionOut:
    """Return one account that went another way; read with its phase, account and system."""
    return ExceptionOut(
        id=row.pk,
        phase=row.phase.name,
        system=row.account.system.key,
        host=row.account.shard,
        login=row.account.login,
        wave=row.account.wave,
        state=row.state,
        cause=row.code,
        sentence=row.sentence,
        tries=row.tries,
        at=row.at,
    )


def report_out(reset: Reset) -> ReportOut:
    """Return the completion report as things stand now."""
    facts, kept = report(reset), reset.reports.last()
    return ReportOut(
        facts=facts.plain(),
        fingerprint=facts.fingerprint(),
        kept=KeptOut(
            fingerprint=kept.fingerprint,
            outcomes_sha256=kept.outcomes_sha256,
            made_by=kept.made_by_name,
            made_at=kept.made_at,
        )
        if kept
        else None,
    )
