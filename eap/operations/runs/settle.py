"""From executions to steps: what came of them, how a fan-out goes on, when it stops by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Max, Q

from eap.format.document import FanOut, Limits
from eap.format.expressions import Senseless, holds
from eap.models import Run, RunStep, StepTarget
from eap.operations.runs.ask import approvers, page_approvers
from eap.operations.runs.board import Board, S
from eap.operations.runs.ending import MACHINES, fail, finish, stop_pending, unknown
from eap.operations.runs.preview import take_previews
from eap.roles import Roles
from eap.rules.failure_limits import Limit, Tally, allowed, why_stop

T = StepTarget.State
ORIGINAL = ~Q(purpose=StepTarget.Purpose.PREVIEW)


@dataclass
class Counts:
    """How many executions of a step stand how, by wave and state; `held` are pending and not released."""

    by: dict[tuple[int, str], int] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)

    def of(self, *states: str, wave: int | None = None) -> int:
        """Return how many are in one of these states."""
        return sum(n for (at, state), n in self.by.items() if state in states and wave in (None, at))

    def all(self, wave: int | None = None) -> int:
        """Return how many there are."""
        return sum(n for (at, _), n in self.by.items() if wave in (None, at))

    @property
    def wave(self) -> int | None:
        """Return the wave that is under way or comes next; None when nothing is left."""
        return min((at for (at, state), n in self.by.items() if n and state in (T.PENDING, T.RUNNING)), default=None)

    def tally(self, wave: int | None = None) -> Tally:
        """Return what the failure rule counts; an unknown outcome is a failure."""
        return Tally(hosts=self.all(wave), failed=self.of(T.FAILED, T.UNKNOWN, wave=wave))


def settle_executions(boards: Sequence[Board], roles: Roles) -> None:
    """Look at the executions of all active automations of these runs, in three queries however many there are."""
    at = {
        step.pk: (board, step)
        for board in boards
        for step in board.steps
        if step.kind in MACHINES and step.state == S.ACTIVE
    }
    if at:
        fan_outs = {pk for pk, (board, step) in at.items() if board.described[step.key].targets is not None}
        singles = StepTarget.objects.filter(ORIGINAL, step__in=at.keys() - fan_outs)
        for row in singles if len(fan_outs) < len(at) else ():
            board, step = at[row.step_id]
            _settle_one(board, step, row, roles)
        for pk, counts in _count(fan_outs).items():
            board, step = at[pk]
            _settle_many(board, step, counts, roles)
    waiting = [step.pk for board in boards for step in board.steps if step.preview and step.state == S.WAITING]
    if waiting:
        said = StepTarget.objects.filter(step__in=waiting, purpose=StepTarget.Purpose.PREVIEW, ended_at__isnull=False)
        take_previews(list(boards), {row.step_id: row for row in said})


def _count(step_ids: Iterable[int]) -> dict[int, Counts]:
    found: dict[int, Counts] = {}
    ids = list(step_ids)
    if not ids:
        return found
    rows = StepTarget.objects.filter(ORIGINAL, step__in=ids).order_by().values_list("step_id", "wave", "state")
    for step_id, wave, state, held, total in rows.annotate(
        held=Count("pk", filter=Q(released_at__isnull=True)), total=Count("pk")
    ):
        counts = found.setdefault(step_id, Counts())
        counts.by[wave, state] = total
        if state == T.PENDING:
            counts.held[wave] = held
    return found


def _settle_one(board: Board, step: RunStep, row: StepTarget, roles: Roles) -> None:
    if row.state == T.DONE and row.purpose == StepTarget.Purpose.REHEARSE:
        # Nothing was done, so nothing came of it that could be as expected.
        step.facts = dict(row.facts)
        board.forget_values()
        finish(board, step, row.sentence)
    elif row.state == T.DONE:
        _take_result(board, step, row.sentence, row.facts, roles)
    elif row.state == T.FAILED:
        fail(board, step, row.sentence, roles=roles)
    elif row.state == T.UNKNOWN:
        unknown(board, step, row.sentence, roles=roles)
    elif row.state in (T.STOPPED, T.SKIPPED):
        step.stop_confirmed = row.stop_confirmed
        board.move(step, S.CANCELLED, sentence=row.sentence or "Stopped.")
        board.news.say(board.run, "run.step_stopped", step=step, payload={"confirmed": row.stop_confirmed is not False})


def _take_result(board: Board, step: RunStep, sentence: str, facts: dict[str, str | int | bool], roles: Roles) -> None:
    expect = board.described[step.key].expect
    step.facts = dict(facts)
    board.forget_values()
    if expect is not None:
        try:
            as_expected = holds(expect, {**board.values(), "result": facts})
        except Senseless as senseless:
            fail(board, step, f"What it expects can't be worked out: {senseless.sentence}", roles=roles)
            return
        if not as_expected:
            fail(board, step, f"Not as expected ({expect}). {sentence}", roles=roles)
            return
    finish(board, step, sentence)


def _settle_many(board: Board, step: RunStep, counts: Counts, roles: Roles) -> None:
    fan_out = board.described[step.key].targets
    assert fan_out is not None  # noqa: S101  (only fan-outs come here)
    current = counts.wave
    reached = _limit_reached(fan_out, counts)
    if reached or board.run.stop == Run.Stop.NOW:
        stop_pending([step])
        counts = _count([step.pk])[step.pk]  # some may have begun since they were counted
        if not counts.of(T.RUNNING):
            _end_many(board, step, counts, reached, roles)
        return
    if current is None:
        _end_many(board, step, counts, "", roles)
        return
    if board.run.stop == Run.Stop.AFTER_BATCH:
        step.gate = None  # nobody needs to let a wave begin that never will
    if step.gate is not None or board.run.state == Run.State.PAUSED:
        return
    if _before_next_wave(board, step, counts, current, roles):
        return
    release(board, step, fan_out, counts, current)


def _limit_reached(fan_out: FanOut, counts: Counts) -> str:
    for wave in sorted({wave for wave, _ in counts.by}):
        sentence = why_stop(
            wave=wave,
            in_wave=counts.tally(wave),
            in_all=counts.tally(),
            wave_limit=_limit(fan_out.wave_limits),
            total_limit=_limit(fan_out.total_limits),
        )
        if sentence:
            return sentence
    return ""


def _limit(limits: Limits) -> Limit:
    return Limit(failures=limits.failures, percent=limits.percent)


def _before_next_wave(board: Board, step: RunStep, counts: Counts, current: int, roles: Roles) -> bool:
    """At the edge between two waves: stop where somebody wished so, ask where the plan has a gate."""
    untouched = counts.of(T.PENDING, wave=current) == counts.all(current) == counts.held.get(current, 0)
    first = current == min(wave for wave, _ in counts.by)
    if first or not untouched:
        return False
    if board.run.stop == Run.Stop.AFTER_BATCH:
        stop_pending([step])
        counts = _count([step.pk])[step.pk]
        _end_many(board, step, counts, "It was stopped after a wave.", roles)
        return True
    fan_out = board.described[step.key].targets
    if fan_out is None or fan_out.gate == "none":
        return False
    step.gate = current
    people = approvers(board, step, roles)
    page_approvers(board, step, people, count=1, title=f"Approve wave {current}: {step.title}")
    board.news.say(board.run, "run.gate_reached", step=step, payload={"wave": current})
    board.changed(step)
    return True


def release(board: Board, step: RunStep, fan_out: FanOut, counts: Counts, wave: int) -> None:
    """Let as many more begin as the plan allows at once, no faster than it says."""
    if board.run.state == Run.State.PAUSED or not counts.held.get(wave):
        return
    under_way = counts.of(T.RUNNING) + counts.of(T.PENDING) - sum(counts.held.values())
    free = fan_out.concurrency - under_way
    if free <= 0:
        return
    rows = StepTarget.objects.filter(ORIGINAL, step=step, state=T.PENDING, wave=wave, released_at__isnull=True)
    ids = list(rows.order_by("position", "pk").values_list("pk", flat=True)[:free])
    if not fan_out.per_second:
        StepTarget.objects.filter(pk__in=ids).update(released_at=board.now)
        board.news.execute(ids)
        return
    gap = timedelta(seconds=1 / fan_out.per_second)
    last = StepTarget.objects.filter(ORIGINAL, step=step).aggregate(last=Max("released_at"))["last"]
    begin = max(board.now, last + gap) if last else board.now
    for number, pk in enumerate(ids):
        StepTarget.objects.filter(pk=pk).update(released_at=begin + number * gap)
    if begin <= board.now:
        board.news.execute(ids[:1])


def _end_many(board: Board, step: RunStep, counts: Counts, reached: str, roles: Roles) -> None:
    """End a fan-out: well when no more failed than is allowed; unknown ones are for a person to settle first."""
    fan_out = board.described[step.key].targets
    assert fan_out is not None  # noqa: S101  (only fan-outs come here)
    done, failed, lost = counts.of(T.DONE), counts.of(T.FAILED), counts.of(T.UNKNOWN)
    stopped, left = counts.of(T.STOPPED), counts.of(T.SKIPPED)
    hosts = counts.all()
    facts: dict[str, str | int | bool] = {"hosts": hosts, "done": done, "failed": failed, "unknown": lost, "left": left}
    words = [f"{done} of {hosts} done"]
    words += [
        f"{n} {word}"
        for n, word in ((failed, "failed"), (lost, "unknown"), (stopped, "stopped"), (left, "not started"))
        if n
    ]
    alone = _alone(step, hosts)
    own = alone.sentence if alone is not None and failed else ""
    sentence = " ".join(part for part in (f"{', '.join(words)}.", own, reached) if part)
    most = allowed(_limit(fan_out.total_limits), hosts) or 0
    step.gate = None
    step.facts = facts
    if stopped or (left and board.run.stop):
        unproved = StepTarget.objects.filter(ORIGINAL, step=step, stop_confirmed=False).exists()
        step.stop_confirmed = not unproved
        board.move(step, S.CANCELLED, sentence=sentence)
        board.news.say(board.run, "run.step_stopped", step=step, payload={"confirmed": not unproved, **facts})
    elif lost:
        unknown(board, step, sentence, roles=roles)
    elif reached or left or failed > most:
        fail(board, step, sentence, roles=roles)
    else:
        stated = dict(alone.facts) if alone is not None else {}
        _take_result(board, step, sentence, {**stated, **facts}, roles)


def _alone(step: RunStep, hosts: int) -> StepTarget | None:
    """Return the execution of a fan-out over one host: what it stated and why it failed are the step's own."""
    return StepTarget.objects.filter(ORIGINAL, step=step).first() if hosts == 1 else None
