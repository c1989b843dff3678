"""The completion report of a reset: what was to be done, what was done, how it was looked at, what is left.

Plain facts for who lays them out; nothing here is a promise that was not counted.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, F, Max, Sum

from ledger.models import Entry
from resets.models import Account, Chunk, Exceptional, NoticeLetter, Phase, Reset, Return, Seal, SealDestruction
from resets.proof.facts import Cause, NoticeFacts, PhaseFacts, Report, SealFacts, Spared, SystemFacts
from resets.proof.outcomes import phases_of
from resets.proof.seen import looks

CAUSES: Final = 50


def report(reset: Reset) -> Report:
    """Gather the facts as they are now; some ten queries, whatever the number of accounts."""
    accounts = Account.objects.filter(reset=reset)
    sizes: dict[int, int] = dict(accounts.order_by().values_list("wave").annotate(Count("pk")))
    returned = Return.objects.filter(account__reset=reset).count()
    last = Entry.objects.filter(subject=reset.subject).order_by("-seq").first()
    return Report(
        title=reset.title,
        reset=str(reset.pk),
        state=reset.state,
        mode=reset.mode,
        drill=reset.drill,
        cutoff=reset.cutoff,
        generation=reset.generation,
        created_by=reset.created_by_name,
        created_at=reset.created_at,
        frozen_at=reset.frozen_at,
        ended_at=reset.ended_at,
        accounts=reset.count,
        digest=reset.digest,
        waves=tuple(sizes.get(wave, 0) for wave in range(5)),
        systems=_systems(reset),
        exclusions=_exclusions(reset),
        phases=tuple(_phase(phase, reset.count) for phase in phases_of(reset)),
        causes=_causes(reset),
        looks=looks(reset),
        notices=_notices(reset),
        returned=returned,
        stragglers=reset.count - returned,
        seals=_seals(reset),
        exports=_exports(reset),
        head_seq=last.seq if last else 0,
        head=last.hash if last else "",
    )


def _systems(reset: Reset) -> tuple[SystemFacts, ...]:
    accounts = Account.objects.filter(reset=reset).order_by()
    figures = {
        system: (count, hosts)
        for system, count, hosts in accounts.values_list("system").annotate(Count("pk"), Count("shard", distinct=True))
    }
    back = dict(
        Return.objects.filter(account__reset=reset).order_by().values_list("account__system").annotate(Count("pk"))
    )
    return tuple(
        SystemFacts(
            key=system.key,
            name=system.name,
            kind=system.kind,
            accounts=figures.get(system.pk, (0, 0))[0],
            hosts=figures.get(system.pk, (0, 0))[1],
            returned=back.get(system.pk, 0),
        )
        for system in reset.systems.order_by("name")
    )


def _exclusions(reset: Reset) -> tuple[Spared, ...]:
    rows = reset.exclusions.select_related("system", "approved_by").order_by("system__key", "login")
    return tuple(
        Spared(
            system=row.system.key,
            login=row.login,
            reason=row.reason,
            added_by=row.added_by_name,
            approved_by=row.approved_by.name if row.approved_by else "",
        )
        for row in rows
    )


def _phase(phase: Phase, accounts: int) -> PhaseFacts:
    chunks = Chunk.objects.filter(phase=phase)
    sums = chunks.aggregate(
        applied=Sum("applied", default=0),
        unchanged=Sum("unchanged", default=0),
        skipped=Sum("skipped", default=0),
        missed=Sum("missed", default=0),
    )
    ended = phase.ended_at
    took = int((ended - phase.started_at).total_seconds()) if ended and phase.started_at else None
    return PhaseFacts(
        name=phase.name,
        title=str(phase.get_name_display()),
        state=phase.state,
        started_at=phase.started_at,
        ended_at=ended,
        seconds=took,
        accounts=accounts,
        left=accounts - sum(sums.values()),
        **sums,
    )


def _causes(reset: Reset) -> tuple[Cause, ...]:
    """Return the largest causes, fifty at most: single accounts first, then whole chunks that were given up."""
    single = (
        Exceptional.objects.filter(phase__reset=reset)
        .exclude(state=Exceptional.State.MENDED)
        .order_by()
        .values_list("phase__name", "code", "state")
        .annotate(accounts=Count("pk"))
    )
    found = [
        Cause(phase=phase, code=code, state=state, accounts=count, sentence=_example(reset, phase, code, state))
        for phase, code, state, count in single
    ]
    whole = (
        Chunk.objects.filter(phase__reset=reset, state=Chunk.State.FAILED)
        .order_by()
        .values_list("phase__name", "code")
        .annotate(accounts=Sum(F("last") - F("first") + 1), sentence=Max("sentence"))
    )
    found += [
        Cause(phase=phase, code=code, state="failed", accounts=count, sentence=sentence)
        for phase, code, count, sentence in whole
    ]
    return tuple(sorted(found, key=lambda cause: (-cause.accounts, cause.phase, cause.code))[:CAUSES])


def _example(reset: Reset, phase: str, code: str, state: str) -> str:
    rows = Exceptional.objects.filter(phase__reset=reset, phase__name=phase, code=code, state=state)
    found: str = rows.values_list("sentence", flat=True).first() or ""
    return found


def _notices(reset: Reset) -> tuple[NoticeFacts, ...]:
    letters: dict[int, dict[str, int]] = {}
    rows = NoticeLetter.objects.filter(notice__reset=reset).order_by()
    for notice, state, count in rows.values_list("notice", "state").annotate(Count("pk")):
        letters.setdefault(notice, {})[state] = count
    return tuple(
        NoticeFacts(
            round=notice.round,
            state=notice.state,
            letters=letters.get(notice.pk, {}),
            drafted_by=notice.drafted_by_name,
            approved_by=notice.approved_by.name if notice.approved_by else "",
        )
        for notice in reset.notices.select_related("approved_by").order_by("round")
    )


def _seals(reset: Reset) -> SealFacts | None:
    ended = SealDestruction.objects.filter(reset=reset).first()
    boxes = Seal.objects.filter(reset=reset)
    if ended is None and not boxes.exists():
        return None
    is_gone = ended is not None and ended.done_at is not None
    return SealFacts(
        boxes=ended.boxes if ended and is_gone else boxes.count(),
        accounts=ended.accounts if ended and is_gone else boxes.aggregate(sum=Sum("accounts", default=0))["sum"],
        asked_by=ended.asked_by_name if ended else "",
        destroyed_by=ended.done_by_name if ended else "",
        destroyed_at=ended.done_at if ended else None,
    )


def _exports(reset: Reset) -> tuple[dict[str, Any], ...]:
    entries = Entry.objects.filter(subject=reset.subject, verb="reset.exported").order_by("seq")
    return tuple({"at": entry.at, "by": entry.actor_name, **entry.payload} for entry in entries)
