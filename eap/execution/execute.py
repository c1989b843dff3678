"""Carry out one claimed execution: build what the action is given, call it outside any transaction, record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from eap.actions.base import Action, Result, Stopped, Surroundings, Trouble, Unknown
from eap.actions.redaction import Redaction
from eap.documents import described, pinned
from eap.execution.claim import Claimed
from eap.execution.heartbeat import Watched
from eap.execution.log_lines import LogLines
from eap.execution.record import Outcome, record
from eap.format.document import Step
from eap.models import RunStep, StepTarget
from eap.operations.runs.executions import action_of, call_of, host_of, inputs_for
from eap.secret_store import value_of
from eap.values import values_of
from engine import clock
from engine.heartbeat import Heartbeat
from web.secrets import UnreadableSecretError

P = StepTarget.Purpose
S = StepTarget.State
HARMLESS: Final = frozenset({P.PREVIEW, P.REHEARSE, P.VERIFY})
"""Purposes that change nothing, whatever the action's effects."""

INTERRUPTED: Final = (
    "It was interrupted while it ran, and nobody knows whether it happened. Find out before it is repeated."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One execution with all that its action needs."""

    row: StepTarget
    step: Step
    action: Action[Any]
    inputs: Any
    around: Surroundings

    @property
    def is_repeatable(self) -> bool:
        """Tell whether it does no harm a second time."""
        return self.row.purpose in HARMLESS or self.action.effects_of(self.inputs) != "once"


def execute(
    claimed: Claimed, *, heartbeat: Heartbeat[Watched], time_of_day: Callable[[], datetime] = clock.now
) -> None:
    """Carry out an execution that was claimed, and record what it came to. Blocks as long as the action does.

    No transaction is open while the action is called. An execution that is gone by now, because its preview was asked
    for anew, is nobody's.
    """
    row = StepTarget.objects.select_related("step", "run", "run__incident").filter(pk=claimed.id).first()
    if row is None:
        return
    step = described(row.step, pinned(row.run.version_id))
    redaction, lines = Redaction(), LogLines(row)
    watched = Watched(claimed, timeout_s=float(step.timeout), flush=lines.flush)
    heartbeat.add(watched)
    try:
        outcome = _outcome(row, step, watched, redaction, lines)
    finally:
        heartbeat.remove(watched)
    lines.flush()
    record(claimed, _clean(outcome, redaction), now=time_of_day())


def _outcome(row: StepTarget, step: Step, watched: Watched, redaction: Redaction, lines: LogLines) -> Outcome:
    try:
        job = _prepare(row, step, watched, redaction, lines)
    except Trouble as trouble:
        # Nothing has been called yet, so nothing happened, unless an attempt before this one vanished.
        return Outcome(state=S.UNKNOWN if row.resuming else S.FAILED, sentence=trouble.sentence)
    try:
        return _resumed(job) if row.resuming and not job.is_repeatable else _called(job, watched)
    except Exception as error:
        # An action raises Trouble and nothing else; what else comes out of it is a mistake in it, and proves nothing.
        log.exception("action_broke", action=job.action.name, execution=row.pk)
        sentence = f"The action {job.action.name} broke ({type(error).__name__}); the log of this host says where."
        return Outcome(state=S.FAILED if job.is_repeatable else S.UNKNOWN, sentence=sentence)


def _prepare(row: StepTarget, step: Step, watched: Watched, redaction: Redaction, lines: LogLines) -> Job:
    run = row.run
    secrets: dict[str, str] = json.loads(run.secret_inputs) if run.secret_inputs else {}
    for value in secrets.values():
        redaction.learn(value)

    def secret(name: str) -> str:
        try:
            return redaction.learn(secrets[name] if name in secrets else value_of(name))
        except UnreadableSecretError as error:
            raise Trouble(str(error)) from None

    call = call_of(step)
    action = action_of(call)
    host = host_of(row)
    steps: Iterable[RunStep] = ()
    if "{steps." in repr(call.with_):  # else nothing of a call reads them, and a plan may have very many
        steps = RunStep.objects.filter(run=run).only("key", "state", "choice", "facts", "run_id")
    values = values_of(run, steps, pinned(run.version_id).document, run.incident)
    around = Surroundings(
        run_id=str(run.pk),
        step_id=row.step.key,
        key=row.key,
        timeout_s=float(step.timeout),
        say=lambda text: lines.say(redaction.clean(text)),
        stopped=watched.stopped,
        secret=secret,
        target=host,
        drill=run.drill,
    )
    return Job(row=row, step=step, action=action, inputs=inputs_for(action, call, values, host), around=around)


def _called(job: Job, watched: Watched) -> Outcome:
    """Call the action's method for this purpose."""
    try:
        return _good(_call(job))
    except Stopped as stopped:
        if watched.out_of_time():
            state = S.FAILED if stopped.confirmed or job.is_repeatable else S.UNKNOWN
            sentence = f"It took longer than its {job.step.timeout} s. {stopped.sentence}"
            return Outcome(state=state, sentence=sentence, stop_confirmed=stopped.confirmed)
        return Outcome(state=S.STOPPED, sentence=stopped.sentence, stop_confirmed=stopped.confirmed)
    except Unknown as unknown:
        return Outcome(state=S.FAILED if job.is_repeatable else S.UNKNOWN, sentence=unknown.sentence)
    except Trouble as trouble:
        retry = job.step.retry
        if trouble.passing and job.row.tries < retry.times and not watched.stopped():
            wait = float(retry.wait * 2**job.row.tries)
            return Outcome(state=S.FAILED, sentence=trouble.sentence, again_after_s=wait)
        return Outcome(state=S.FAILED, sentence=trouble.sentence)


def _call(job: Job) -> Result:
    action, inputs, around = job.action, job.inputs, job.around
    match job.row.purpose:
        case P.PREVIEW:
            preview = action.plan(inputs, around)
            return Result(sentence=preview.sentence, facts=dict(preview.counts))
        case P.REHEARSE:
            preview = action.plan(inputs, around)
            return Result(sentence=f"Rehearsed, not done: {preview.sentence}", facts=dict(preview.counts))
        case P.VERIFY:
            return action.verify(inputs, around)
        case P.UNDO:
            return action.undo(inputs, around)
        case _:
            return action.apply(inputs, around)


def _resumed(job: Job) -> Outcome:
    """Ask the action what became of the attempt that vanished; where it can't tell, a person decides."""
    try:
        result = job.action.resume(job.inputs, job.around)
    except Trouble as trouble:
        known = not isinstance(trouble, Unknown)
        return Outcome(state=S.FAILED if known and not trouble.passing else S.UNKNOWN, sentence=trouble.sentence)
    if result is None:
        return Outcome(
            state=S.UNKNOWN,
            sentence=INTERRUPTED,
        )
    return _good(result)


def _good(result: Result) -> Outcome:
    return Outcome(state=S.DONE, sentence=result.sentence, facts=result.facts)


def _clean(outcome: Outcome, redaction: Redaction) -> Outcome:
    """Take secrets out of everything that is kept."""
    facts = {redaction.clean(name): _clean_fact(value, redaction) for name, value in outcome.facts.items()}
    return Outcome(
        state=outcome.state,
        sentence=redaction.clean(outcome.sentence),
        facts=facts,
        stop_confirmed=outcome.stop_confirmed,
        again_after_s=outcome.again_after_s,
    )


def _clean_fact(value: Any, redaction: Redaction) -> Any:
    """A secret may be a number, too."""
    cleaned = redaction.clean(str(value))
    return value if cleaned == str(value) else cleaned
